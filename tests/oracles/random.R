# Usage: python random_sets.py > data.csv; Rscript random.R data.csv OUT
# The random data sets of random_sets.py by R: OUT/random.csv, one line per set, source, cause and hour.
# survfit where every end is exact, npsurv with one cause, our own constrained Newton over all atoms with two.

source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "common.R"))

session <- function(data, out) {
  sets <- split(read.csv(data, na.strings = "NA"), ~ factor(set, unique(set)))
  recorded <- lapply(names(sets), function(set) {
    rows <- sets[[set]]
    causes <- sort(unique(rows$cause[rows$cause >= 0]))
    exact <- all(rows$left == rows$right | rows$cause < 0)
    rbind(
      if (exact) of_survfit(set, rows, HOURS),
      if (length(causes) == 1) of_cells(set, "npsurv", by_npsurv(rows), 0L, HOURS),
      if (length(causes) == 2) of_cells(set, "atoms", by_atoms(rows), causes, HOURS)
    )
  })
  write_rows(do.call(rbind, recorded), file.path(out, "random.csv"))
}

arguments <- commandArgs(trailingOnly = TRUE)
session(arguments[1], arguments[2])
