// What the sample browsers of the report and of the live view share.
"use strict";
const browsing = {
  // The card after the one in focus, or before it; the first if none is.
  neighbour(cards, by) {
    const here = cards.indexOf(document.activeElement?.closest(".card"));
    return cards[here < 0 ? 0 : here + by];
  },

  show(card) {
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
  },

  // Does what a key stands for, unless it is typed into a field; "/" leads to the search.
  listen(search, keys) {
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, audio")) return;
      keys[event.key]?.();
      if (event.key !== "/") return;
      event.preventDefault();
      search.focus();
    });
  },

  // Offers slices ("name=value"), and keeps what was chosen if it is among them.
  offer(select, names) {
    const chosen = select.value;
    const options = names.map((name) => new Option(name.replace("=", ": "), name));
    select.replaceChildren(select.options[0], ...options);
    select.value = names.includes(chosen) ? chosen : "";
    select.disabled = names.length === 0;
  },

  switchMarks(samples, marks) {
    marks?.addEventListener("change", () => samples.classList.toggle("unmarked", !marks.checked));
  },
};
