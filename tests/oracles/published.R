# Usage: Rscript published.R OUT
# Published data that come with Debian's R packages, by R: OUT/published_data.csv (the rows, equal ones counted),
# OUT/published.csv (the figures) and OUT/published_cells.csv (where npsurv puts mass).

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "common.R"))

of_package <- function(name) {
  found <- new.env()
  data(list = name, package = "npsurv", envir = found)
  as.data.frame(found[[name]])
}

rows_of <- function(left, right, cause, n = 1) {
  counted <- aggregate(list(n = rep(n, length.out = length(left))), list(left = left, right = right, cause = cause), sum)
  counted$weight <- counted$n
  counted[counted$n > 0, ]
}

right_censored <- function(time, cause) rows_of(time, ifelse(cause < 0, Inf, time), cause)

interval <- function(left, right, n = 1) rows_of(left, right, ifelse(is.finite(right), 0L, -1L), n)

# Turnbull (1974), table 1: deaths, losses and late entries (left-censored) at times 1 to 4; as in ?survfit.formula.
turnbull_1974 <- function() {
  time <- rep(1:4, each = 3)
  kind <- rep(c("death", "loss", "late entry"), 4)
  n <- c(12, 3, 2, 6, 2, 4, 2, 0, 2, 3, 3, 5)
  interval(ifelse(kind == "late entry", 0, time), ifelse(kind == "loss", Inf, time), n)
}

# Death to the month, progression only between yearly visits: interval-censored competing risks on published data.
mgus2_yearly <- function(progression) {
  first <- progression$cause == 0
  progression$left[first] <- 12 * (ceiling(pmax(progression$left[first], 1) / 12) - 1)
  progression$right[first] <- progression$left[first] + 12
  rows_of(progression$left, progression$right, progression$cause, progression$n)
}

cases <- function() {
  breast <- of_package("cancer")
  remission <- of_package("leukemia")
  smoked <- of_package("marijuana")
  stomach <- of_package("gastric")
  plasma <- with(mgus2, right_censored(ifelse(pstat == 1, ptime, futime), ifelse(pstat == 1, 0L, ifelse(death == 1, 1L, -1L))))
  list(
    # Miller (1997): acute myelogenous leukaemia, maintained chemotherapy or not
    `aml` = list(right_censored(aml$time, aml$status - 1L), c(9, 13, 23, 48, 161)),
    `aml-maintained` = list(with(subset(aml, x == "Maintained"), right_censored(time, status - 1L)), c(9, 13, 23, 48, 161)),
    # Kalbfleisch and Prentice (1980): the Veterans' Administration lung cancer trial
    `veteran` = list(right_censored(veteran$time, as.integer(veteran$status) - 1L), c(1, 30, 90, 180, 365)),
    # Kyle et al. (2002): monoclonal gammopathy, months to plasma cell malignancy (0) or death before it (1)
    `mgus2` = list(plasma, c(12, 60, 120, 240, 360)),
    `mgus2-yearly` = list(mgus2_yearly(plasma), c(12, 60, 120, 240, 360)),
    `turnbull-1974` = list(turnbull_1974(), 1:4),
    # Turnbull and Weiss (1978): age at first use of marijuana
    `marijuana` = list(interval(smoked$L, smoked$R, smoked$count), 11:18),
    # Finkelstein and Wolfe (1985): months to breast retraction after radiotherapy, with and without chemotherapy
    `breast-rt` = list(with(subset(breast, group == "RT"), interval(L, R)), c(5, 7.5, 8, 12, 24.5, 34, 40, 44)),
    `breast-rct` = list(with(subset(breast, group == "RCT"), interval(L, R)), c(5, 7, 8, 12, 20, 31, 36, 44)),
    # Freireich et al. (1963): weeks of remission under 6-mercaptopurine
    `leukemia-6mp` = list(with(subset(remission, group == "6-MP"), interval(L, R)), c(6, 10, 16, 23, 35)),
    # Klein and Moeschberger (2003): gastric cancer, days to death under chemotherapy and radiation
    `gastric` = list(interval(stomach$L, stomach$R), c(50, 100, 250, 500, 1000, 1500))
  )
}

# Turnbull's EM in survfit. It stops early: three digits are right.
by_turnbull <- function(set, rows, hours) {
  fit <- survfit(Surv(ifelse(left == 0, NA, left), ifelse(is.finite(right), right, NA), type = "interval2") ~ 1,
                 data = rows, weights = rows$weight)
  lines_of(set, "survfit-interval2", 0L, hours, 1 - summary(fit, times = hours, extend = TRUE)$surv, NA, NA, NA)
}

session <- function(out) {
  data <- figures <- cells <- NULL
  for (set in names(cases())) {
    rows <- cases()[[set]][[1]]
    hours <- cases()[[set]][[2]]
    causes <- sort(unique(rows$cause[rows$cause >= 0]))
    exact <- all(rows$left == rows$right | rows$cause < 0)
    fit <- if (length(causes) == 1) by_npsurv(rows) else by_atoms(rows)
    source <- if (length(causes) == 1) "npsurv" else "atoms"
    data <- rbind(data, cbind(set = set, rows[c("left", "right", "cause", "n")]))
    if (!exact && length(causes) == 1) cells <- rbind(cells, cbind(set = set, source = source, fit$cells))
    figures <- rbind(
      figures, if (exact) of_survfit(set, rows, hours), of_cells(set, source, fit, causes, hours),
      if (!exact && length(causes) == 1) by_turnbull(set, rows, hours)
    )
  }
  write_rows(data, file.path(out, "published_data.csv"))
  write_rows(figures, file.path(out, "published.csv"))
  write_rows(cells, file.path(out, "published_cells.csv"))
  write_versions(file.path(out, "versions.csv"))
}

session(commandArgs(trailingOnly = TRUE)[1])
