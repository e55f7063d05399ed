# What both sessions use: the fit of a data set by an R package, and the figures that are recorded of it.
# Rows: left, right (Inf: not seen), cause (0 complying, 1 other end, -1 censored), weight. Half-open (left, right];
# left == right is an exact time.

suppressPackageStartupMessages({
  library(survival)
  library(npsurv)  # brings lsei
})

HOURS <- c(1, 12, 24, 48, 168)

sources <- function() {
  said <- vapply(c("survival", "npsurv", "lsei"), function(name) as.character(packageVersion(name)), "")
  c(R = paste(R.version$major, R.version$minor, sep = "."), said)
}

# Kaplan-Meier and Aalen-Johansen at `hours`: one column per cause. Exact times and right-censored rows only.
by_survfit <- function(rows, hours) {
  state <- factor(rows$cause, levels = c(-1, sort(unique(rows$cause[rows$cause >= 0]))))
  if (nlevels(state) == 2) {
    fit <- survfit(Surv(left, cause >= 0) ~ 1, data = rows, weights = rows$weight)
    return(cbind(1 - summary(fit, times = hours, extend = TRUE)$surv))
  }
  rows$state <- state
  fit <- survfit(Surv(left, state) ~ 1, data = rows, weights = rows$weight)
  unname(summary(fit, times = hours, extend = TRUE)$pstate[, -1, drop = FALSE])
}

# Cells and masses of Turnbull's estimator by npsurv (Wang 2008; constrained Newton method).
by_npsurv <- function(rows) {
  fit <- npsurv(cbind(rows$left, rows$right), w = rows$weight, maxit = 10000, tol = 1e-15)
  cells <- data.frame(cause = 0L, left = fit$f$left, right = fit$f$right, mass = fit$f$p)
  list(cells = cells, loglik = loglik_of(rows, cells))
}

# From the masses: what npsurv gives as `ll` leaves censored rows out where every end is exact.
loglik_of <- function(rows, cells) {
  cells$point <- cells$left == cells$right
  sum(rows$weight * log(drop(inside_of(rows, cells) %*% cells$mass)))
}

# Cells and masses for any number of causes, with nothing assumed about where mass can lie. R has no package for
# interval-censored competing risks. Atoms are every end point and every stretch between neighbouring end points, per
# cause, and one "never" atom after the largest censored left end; the concave problem max sum(w log(A p)) over them is
# solved by the constrained Newton method, its inner problem by lsei::pnnls (Wang 2007, 2008).
by_atoms <- function(rows, steps = 2000) {
  atoms <- atoms_of(rows)
  inside <- inside_of(rows, atoms)
  p <- newton(inside, rows$weight, steps)
  merged <- cells_of(atoms, inside, p$p)
  stopifnot(p$gap < 1e-8)  # the KKT conditions over every atom: nothing above it is left to gain
  list(cells = merged, loglik = p$loglik)
}

atoms_of <- function(rows) {
  atoms <- NULL
  ends <- sort(unique(c(0, rows$left, rows$right[is.finite(rows$right)])))
  for (cause in sort(unique(rows$cause[rows$cause >= 0]))) {
    open <- data.frame(left = ends[-length(ends)], right = ends[-1])
    open$point <- FALSE
    atoms <- rbind(atoms, cbind(rbind(open, data.frame(left = ends, right = ends, point = TRUE)), cause = cause))
  }
  if (any(rows$cause < 0)) {
    last <- max(rows$left[rows$cause < 0])
    atoms <- rbind(atoms, data.frame(left = last, right = Inf, point = FALSE, cause = -1L))
  }
  atoms <- atoms[order(atoms$cause < 0, atoms$cause, atoms$left, atoms$right), ]
  atoms
}

# Whether a row may have ended in the atom. An open stretch (a, b) lies in (L, R] when L <= a and b <= R; a point in
# (L, R] when L < a <= R, and in {a} only of the exact time a.
inside_of <- function(rows, atoms) {
  within <- function(i) {
    row <- rows[i, ]
    if (row$cause < 0) {
      return(ifelse(atoms$point, atoms$left > row$left, atoms$left >= row$left))
    }
    same <- atoms$cause == row$cause
    if (row$left == row$right) {
      return(same & atoms$point & atoms$left == row$left)
    }
    same & ifelse(atoms$point, atoms$left > row$left, atoms$left >= row$left) & atoms$right <= row$right
  }
  t(vapply(seq_len(nrow(rows)), within, logical(nrow(atoms)))) + 0
}

newton <- function(inside, weight, steps) {
  total <- sum(weight)
  key <- apply(inside, 2, function(column) paste(which(column > 0), collapse = " "))
  first <- which(!duplicated(key) & colSums(inside) > 0)
  a <- inside[, first, drop = FALSE]
  p <- colSums(weight * a)
  p <- p / sum(p)
  loglik <- function(p) sum(weight * log(drop(a %*% p)))
  here <- loglik(p)
  for (step in seq_len(steps)) {
    f <- drop(a %*% p)
    s <- a / f
    d <- drop(weight %*% s)
    if (max(d) / total - 1 < 1e-12) break
    risen <- d >= c(-Inf, d[-length(d)]) & d >= c(d[-1], -Inf) & d > total
    j <- which(p > 0 | risen)
    aim <- numeric(length(p))
    aim[j] <- pnnls(sqrt(weight) * s[, j, drop = FALSE], sqrt(weight) * 2, sum = 1)$x
    aim <- aim / sum(aim)
    alpha <- 1
    rise <- sum(d * (aim - p))
    repeat {
      there <- loglik(p + alpha * (aim - p))
      if (is.finite(there) && there >= here + alpha * rise / 3) break
      alpha <- alpha / 2
      if (alpha < 1e-12) break
    }
    if (alpha < 1e-12) break
    p <- p + alpha * (aim - p)
    here <- there
  }
  f <- drop(a %*% p)
  whole <- numeric(ncol(inside))
  whole[first] <- p
  list(p = whole, loglik = sum(weight * log(f)), gap = max(drop((weight / f) %*% inside)) / total - 1)
}

# Neighbouring atoms of one cause in which the same rows may have ended are one cell.
cells_of <- function(atoms, inside, p) {
  n <- nrow(atoms)
  key <- apply(inside, 2, function(column) paste(which(column > 0), collapse = " "))
  run <- cumsum(c(TRUE, key[-1] != key[-n] | atoms$cause[-1] != atoms$cause[-n]))
  mass <- tapply(p, run, sum)
  cells <- data.frame(
    cause = tapply(atoms$cause, run, `[`, 1), left = tapply(atoms$left, run, min),
    right = tapply(atoms$right, run, max), mass = mass
  )
  cells[cells$mass > 1e-12, ]
}

# Of the cells, per cause and hour: low (mass that lies before for certain), high (that can), value (linear within a
# cell, an infinite one adds 0 before infinity). The never cell can hold any cause.
figures <- function(cells, cause, hours) {
  t(vapply(hours, function(t) {
    mine <- cells$cause == cause | cells$cause < 0 | !is.finite(cells$right)
    surely <- mine & cells$right <= t
    possibly <- mine & (cells$left < t | cells$right <= t)
    share <- ifelse(surely, 1, ifelse(possibly & is.finite(cells$right), (t - cells$left) / (cells$right - cells$left), 0))
    c(value = sum((cells$mass * share)[possibly]), low = sum(cells$mass[surely]), high = sum(cells$mass[possibly]))
  }, numeric(3)))
}

# One line per cause and hour, as recorded.
lines_of <- function(set, source, causes, hours, value, low, high, loglik) {
  data.frame(
    set = set, source = source, cause = rep(causes, each = length(hours)), hours = rep(hours, length(causes)),
    value = value, low = low, high = high, loglik = loglik
  )
}

of_survfit <- function(set, rows, hours) {
  value <- by_survfit(rows, hours)
  lines_of(set, "survfit", seq_len(ncol(value)) - 1L, hours, as.vector(value), NA, NA, NA)
}

of_cells <- function(set, source, fit, causes, hours) {
  found <- do.call(rbind, lapply(causes, function(cause) figures(fit$cells, cause, hours)))
  lines_of(set, source, causes, hours, found[, 1], found[, 2], found[, 3], fit$loglik)
}

# Written with 10 significant digits, so that another machine's last bits do not show.
write_rows <- function(rows, path) {
  for (name in names(rows)) {
    if (is.numeric(rows[[name]])) {
      tiny <- is.finite(rows[[name]]) & abs(rows[[name]]) < 1e-12
      rows[[name]][tiny] <- 0
      rows[[name]] <- ifelse(is.na(rows[[name]]), "", formatC(rows[[name]], digits = 10, format = "g", width = 1))
    }
  }
  write.csv(rows, path, row.names = FALSE, quote = FALSE, eol = "\n")
}

write_versions <- function(path) {
  said <- sources()
  write.csv(data.frame(name = names(said), version = said), path, row.names = FALSE, quote = FALSE, eol = "\n")
}
