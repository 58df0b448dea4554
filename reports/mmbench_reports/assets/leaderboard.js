// Sorting and filtering of the leaderboard's table; without this script it stands sorted by rank.
(() => {
  "use strict";
  const table = document.getElementById("board");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const query = document.getElementById("query");
  const kind = document.getElementById("kind");
  const contest = document.getElementById("contest");
  const hits = document.getElementById("hits");

  const small = new Set(["rank", "name", "seconds"]);  // keys whose first order is upwards
  const cell = (row, key) => row.querySelector(`td[data-contest="${key}"]`);
  const value = (row, key) => {
    if (key === "name") return row.dataset.name;
    const text = key in row.dataset ? row.dataset[key] : cell(row, key)?.dataset.value ?? "";
    return text === "" ? null : Number(text);
  };

  const sort = (key, upwards) => {
    const sign = upwards ? 1 : -1;
    const order = (a, b) => {
      const one = value(a, key);
      const other = value(b, key);
      if (one === null || other === null) return (one === null) - (other === null);
      if (typeof one === "string") return sign * one.localeCompare(other, "en");
      return sign * (one - other);
    };
    body.append(...[...rows].sort(order));
    for (const button of table.querySelectorAll(".sorter")) {
      const head = button.closest("th");
      if (button.dataset.key === key) head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    }
  };

  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = contest?.value ?? "";
    for (const part of table.querySelectorAll("[data-contest]")) {
      part.hidden = wanted !== "" && part.dataset.contest !== wanted;
    }
    let shown = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.name.includes(word))
        && (kind.value === "" || row.dataset.kind === kind.value)
        && (wanted === "" || value(row, wanted) !== null);
      row.hidden = !fits;
      shown += fits;
    }
    hits.textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length} rows`;
  };

  for (const button of table.querySelectorAll(".sorter")) {
    button.addEventListener("click", () => {
      const key = button.dataset.key;
      const now = button.closest("th").getAttribute("aria-sort");
      sort(key, now === null ? small.has(key) : now === "descending");
    });
  }
  for (const input of [query, kind, contest]) input?.addEventListener("input", filter);
  query.form.addEventListener("submit", (event) => event.preventDefault());
  filter();
})();
