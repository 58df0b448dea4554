// The sample browser: filters, search, order, keys, and links that lead to a sample even if a filter hides it.
(() => {
  "use strict";
  const PAGE = 10;
  const cards = [...document.querySelectorAll(".card")];
  if (!cards.length) return;

  const field = (id) => document.getElementById(id);
  const [words, task, slice, model, outcome, order] =
    ["words", "task", "slice", "model", "outcome", "order"].map(field);
  const [hits, more, reset] = ["hits", "more", "reset"].map(field);
  const valueOf = (select) => select?.value ?? "";

  const facts = new Map(cards.map((card, index) => [card, {
    index,
    task: card.closest(".of-task").dataset.task,
    slices: JSON.parse(card.dataset.slices),
    verdicts: card.dataset.verdicts.split(" ").map((pair) => pair.split(":")),
    gap: Number(card.dataset.gap),
    text: null,
  }]));
  let fitting = [];
  let shown = PAGE;

  const textOf = (card) => {
    const fact = facts.get(card);
    fact.text ??= card.textContent.toLowerCase();
    return fact.text;
  };

  const needlesOf = () => words.value.toLowerCase().split(/\s+/).filter(Boolean);

  const fitsOutcome = (verdicts) => {
    const wanted = outcome.value;
    if (wanted === "disagree") return new Set(verdicts.map(([, verdict]) => verdict)).size > 1;
    const column = valueOf(model);
    return verdicts.some(([index, verdict]) => (!column || index === column) && (!wanted || verdict === wanted));
  };

  const fits = (card, needles) => {
    const fact = facts.get(card);
    return (!task.value || fact.task === task.value)
      && (!slice.value || fact.slices.includes(slice.value))
      && fitsOutcome(fact.verdicts)
      && needles.every((needle) => textOf(card).includes(needle));
  };

  // Marks found words without touching the document: what a model wrote is never made into markup.
  const mark = (needles) => {
    if (!CSS.highlights) return;
    const ranges = [];
    for (const card of needles.length ? fitting.slice(0, shown) : []) {
      const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) ranges.push(...rangesIn(walker.currentNode, needles));
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };

  const rangesIn = (node, needles) => {
    const text = node.data.toLowerCase();
    if (text.length !== node.data.length) return [];
    const ranges = [];
    for (const needle of needles) {
      for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + needle.length);
        ranges.push(range);
      }
    }
    return ranges;
  };

  const draw = () => {
    const visible = fitting.slice(0, shown);
    for (const card of cards) card.classList.remove("shown");
    for (const card of visible) card.classList.add("shown");
    const groups = new Set(visible.map((card) => card.closest(".of-task")));
    for (const group of document.querySelectorAll(".of-task")) group.hidden = !groups.has(group);
    hits.textContent = `${fitting.length} of ${cards.length} samples`;
    more.hidden = visible.length >= fitting.length;
    reset.hidden = fitting.length > 0;
    mark(needlesOf());
  };

  const sift = () => {
    const needles = needlesOf();
    fitting = cards.filter((card) => fits(card, needles));
    shown = PAGE;
    draw();
  };

  const sort = () => {
    const byGap = valueOf(order) === "gap";
    cards.sort((one, other) => {
      const [a, b] = [facts.get(one), facts.get(other)];
      return a.task - b.task || (byGap ? b.gap - a.gap : 0) || a.index - b.index;
    });
    for (const card of cards) card.parentElement.append(card);
    sift();
  };

  const listSlices = () => {
    const own = cards.filter((card) => !task.value || facts.get(card).task === task.value);
    const names = new Set(own.flatMap((card) => facts.get(card).slices));
    browsing.offer(slice, [...names].sort());
  };

  const clear = (wanted) => {
    for (const filter of [words, slice, model, outcome]) if (filter) filter.value = "";
    task.value = wanted;
    listSlices();
    sift();
  };

  const reveal = (card) => {
    if (!fitting.includes(card)) clear(facts.get(card).task);
    const place = fitting.indexOf(card);
    if (place >= shown) {
      shown = Math.ceil((place + 1) / PAGE) * PAGE;
      draw();
    }
    browsing.show(card);
  };

  const follow = () => {
    const card = document.getElementById(location.hash.slice(1));
    if (facts.has(card)) reveal(card);
  };

  const step = (by) => {
    const next = browsing.neighbour(fitting, by);
    if (next) reveal(next);
  };

  task.addEventListener("change", () => {
    listSlices();
    sift();
  });
  for (const filter of [slice, model, outcome]) filter?.addEventListener("change", sift);
  order?.addEventListener("change", sort);
  words.addEventListener("input", sift);
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    words.value = "";
    sift();
  });
  more.addEventListener("click", () => {
    const next = fitting[shown];
    shown += PAGE;
    draw();
    next.focus({ preventScroll: true });
  });
  reset.addEventListener("click", () => {
    clear("");
    words.focus();
  });
  browsing.switchMarks(field("samples"), field("marks"));
  addEventListener("hashchange", follow);
  browsing.listen(words, { j: () => step(1), k: () => step(-1) });

  listSlices();
  sift();
  follow();
})();
