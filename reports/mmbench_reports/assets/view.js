// The live view: asks the server for a page of samples at a time; the address always says what is shown.
(() => {
  "use strict";
  const field = (id) => document.getElementById(id);
  const filters = ["words", "task", "slice", "model", "outcome", "order"].filter(field);
  const cards = field("cards");
  let page = 0;
  let total = 0;
  let size = 1;
  let asked = 0;
  let timer = 0;

  const ofAddress = () => {
    const given = new URLSearchParams(location.search);
    for (const name of filters) {
      const value = given.get(name) ?? (name === "task" ? "0" : "");
      if (name === "slice" && value && ![...field("slice").options].some((option) => option.value === value)) {
        field("slice").append(new Option(value.replace("=", ": "), value));
      }
      field(name).value = value;
    }
    page = Number(given.get("page") ?? 0);
    return given.get("at") ?? "";
  };

  const query = (at = "") => {
    const wanted = new URLSearchParams();
    for (const name of filters) {
      const value = field(name).value;
      if (value && !(name === "task" && value === "0")) wanted.set(name, value);
    }
    if (at) wanted.set("at", at);
    else if (page) wanted.set("page", String(page));
    return wanted;
  };

  const listSlices = (slices) => {
    const names = Object.entries(slices).flatMap(([name, values]) => values.map((value) => `${name}=${value}`));
    browsing.offer(field("slice"), names);
  };

  const count = (number) => number.toLocaleString("en");

  const tell = (answer) => {
    const looked = answer.candidates ? Math.floor((100 * answer.lookedThrough) / answer.candidates) : 100;
    const going = !answer.indexed ? " (filters are being prepared)" : answer.done ? "" : ` so far, ${looked}% searched`;
    field("hits").textContent = `${count(answer.total)} samples${going}`;
    const last = Math.max(0, Math.ceil(answer.total / size) - 1);
    field("place").textContent = answer.total ? `Page ${count(answer.page + 1)} of ${count(last + 1)}` : "";
    field("first").disabled = field("previous").disabled = answer.page === 0;
    field("next").disabled = answer.page >= last;
  };

  const load = async ({ at = "", again = false } = {}) => {
    const ticket = ++asked;
    clearTimeout(timer);
    cards.classList.toggle("waiting", !again);
    const response = await fetch(`samples?${query(at)}`);
    const answer = await response.json();
    if (ticket !== asked) return;
    cards.classList.remove("waiting");
    if (answer.error) {
      field("hits").textContent = answer.error;
      return;
    }
    const isNew = !again || (answer.total > total && cards.childElementCount < size);
    total = answer.total;
    size = answer.size;
    page = answer.page;
    if (isNew) {
      cards.innerHTML = answer.html;  // made by our own templates, which escape what models wrote
      for (const card of cards.querySelectorAll(".card")) card.classList.add("shown");
      for (const slot of cards.querySelectorAll(".slot")) {
        const link = new URLSearchParams({ task: slot.dataset.task, at: slot.dataset.id });
        slot.querySelector("a.link").href = `?${link}`;
      }
    }
    if (answer.indexed) listSlices(answer.slices);
    tell(answer);
    if (at) {
      const slot = [...cards.children].find((one) => one.dataset.id === at);
      slot?.querySelector(".card").focus({ preventScroll: true });
      slot?.scrollIntoView({ block: "start" });
    }
    if (!answer.done) timer = setTimeout(() => load({ again: true }), 250);
  };

  const go = (to) => {
    page = to;
    history.pushState(null, "", `?${query()}`);
    load().then(() => field("samples").scrollIntoView({ block: "start" }));
  };

  const sift = () => {
    page = 0;
    history.replaceState(null, "", `?${query()}`);
    load();
  };

  let typing = 0;
  field("words").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(sift, 200);
  });
  for (const name of filters.filter((one) => one !== "words")) {
    field(name).addEventListener("change", () => {
      if (name === "task") field("slice").value = "";
      sift();
    });
  }
  field("tools").addEventListener("submit", (event) => event.preventDefault());
  field("first").addEventListener("click", () => go(0));
  field("previous").addEventListener("click", () => go(Math.max(0, page - 1)));
  field("next").addEventListener("click", () => go(page + 1));
  field("reset").addEventListener("click", () => {
    for (const name of filters) field(name).value = name === "task" ? field(name).value : "";
    sift();
  });
  browsing.switchMarks(field("samples"), field("marks"));
  addEventListener("popstate", () => load({ at: ofAddress() }));

  const step = (by) => {
    const next = browsing.neighbour([...cards.querySelectorAll(".card")], by);
    if (next) browsing.show(next);
  };
  browsing.listen(field("words"), {
    j: () => step(1),
    k: () => step(-1),
    n: () => field("next").click(),
    p: () => field("previous").click(),
  });

  const live = field("live");
  const watch = async () => {
    const answer = await (await fetch("live")).json();
    live.innerHTML = answer.html;
    if (answer.live) setTimeout(watch, 1000);
    else location.reload();
  };
  if (live.dataset.live === "yes") setTimeout(watch, 1000);

  load({ at: ofAddress() });
})();
