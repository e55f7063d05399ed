/* Sorting and filtering of tables.

   In: each table[data-tools], whose th[data-column] name the cell of their column; cells with data-value, rows with
   data-filter; the hidden element named by data-tools, with every text in the language of the page. Out: a button in
   each such header, and that element shown. What would surprise: a cell without data-value is not known and stays last
   whichever way the table is sorted, as does the row of all others; on paper the table is as it was published. */
"use strict";

(() => {
  const language = document.documentElement.lang;
  const collator = new Intl.Collator(language, { numeric: true });
  const figure = new Intl.NumberFormat(language);
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase(language);

  function valueOf(row, header) {
    const value = row.cells[Number(header.dataset.column)].dataset.value;
    return value === undefined || header.dataset.kind === "text" ? value : Number(value);
  }

  /* Negative where a comes first; what is not known never does. */
  function compared(a, b, direction) {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    return direction * (typeof a === "string" ? collator.compare(a, b) : a - b);
  }

  class Sorted {
    constructor(table, tools) {
      this.table = table;
      this.tools = tools;
      this.headers = [...table.tHead.querySelectorAll("th[data-column]")];
      this.rows = [...table.tBodies[0].rows];
      this.header = this.headers.find((header) => header.dataset.sorted) ?? null;
      this.direction = 1;
      this.said = "";
      this.input = tools.querySelector("input");
      this.select = tools.querySelector("select");
      this.status = tools.querySelector("[role=status]");
      this.headers.forEach((header) => this.addButton(header));
      this.select.value = String(this.headers.indexOf(this.header));
      this.select.addEventListener("change", () => this.sort(this.headers[Number(this.select.value)] ?? null, 1));
      tools.querySelector("button").addEventListener("click", () => this.sort(this.header, -this.direction));
      this.input?.addEventListener("input", () => this.show());
      window.addEventListener("beforeprint", () => this.table.tBodies[0].append(...this.revealed(() => true)));
      window.addEventListener("afterprint", () => this.show());
      this.mark();
      tools.hidden = false;
    }

    /* The plain text stays for narrow windows, where the header is heard but not seen. */
    addButton(header) {
      const [text, button] = [document.createElement("span"), document.createElement("button")];
      text.textContent = button.textContent = header.textContent;
      button.type = "button";
      button.addEventListener("click", () => this.sort(header, this.header === header ? -this.direction : 1));
      this.select.add(new Option(text.textContent, String(this.headers.indexOf(header))));
      header.replaceChildren(text, button);
    }

    sort(header, direction) {
      this.header = header;
      this.direction = header ? direction : 1;
      this.select.value = String(this.headers.indexOf(header));
      const { ascending, descending } = this.tools.dataset;
      const column = header?.querySelector("button").textContent;
      this.said = header ? (direction > 0 ? ascending : descending).replace("{column}", column) : "";
      this.mark();
      this.show();
    }

    mark() {
      this.headers.forEach((header) => header.removeAttribute("aria-sort"));
      this.header?.setAttribute("aria-sort", this.direction > 0 ? "ascending" : "descending");
    }

    /* Rows in the order of the page, of which those that are not wanted are hidden. */
    revealed(isWanted) {
      this.rows.forEach((row) => { row.hidden = !isWanted(row); });
      return this.rows;
    }

    ordered(rows) {
      const isLast = (row) => row.classList.contains("other");
      const order = (a, b) => compared(valueOf(a, this.header), valueOf(b, this.header), this.direction);
      return [...rows].sort((a, b) => isLast(a) - isLast(b) || (this.header ? order(a, b) : 0));
    }

    show() {
      const words = fold(this.input?.value ?? "").split(/\s+/).filter(Boolean);
      const rows = this.revealed((row) => words.every((word) => fold(row.dataset.filter).includes(word)));
      this.table.tBodies[0].append(...this.ordered(rows));
      const shown = figure.format(rows.filter((row) => !row.hidden).length);
      const counted = this.tools.dataset.count.replace("{n}", shown).replace("{all}", figure.format(rows.length));
      this.status.textContent = [this.said, words.length ? counted : ""].filter(Boolean).join(" ");
    }
  }

  for (const table of document.querySelectorAll("table[data-tools]")) {
    new Sorted(table, document.getElementById(table.dataset.tools));
  }
})();
