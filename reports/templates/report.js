"use strict";
// Hides and shows what is in the page already; without it, everything is there to be read.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const form = document.getElementById("filter");
  const count = document.getElementById("filter-count");
  const help = document.getElementById("help");
  const fields = ["text", "level", "function", "mode"];
  const verdicts = all("input[name=verdict]", form);

  for (const element of all("[data-script]")) element.hidden = false;

  // The state of the filter is the query of the address, so that a link shows what its sender saw.
  const restore = () => {
    const query = new URLSearchParams(location.search);
    for (const name of fields) form.elements[name].value = query.get(name) || "";
    const chosen = query.getAll("verdict");
    for (const box of verdicts) box.checked = chosen.includes(box.value);
  };
  const remember = () => {
    const query = new URLSearchParams();
    for (const name of fields) if (form.elements[name].value) query.set(name, form.elements[name].value);
    for (const box of verdicts) if (box.checked) query.append("verdict", box.value);
    const text = query.toString();
    history.replaceState(null, "", (text ? "?" + text : location.pathname) + location.hash);
  };

  const wanted = () => ({
    text: form.elements.text.value.trim().toLowerCase(),
    level: form.elements.level.value,
    function: form.elements.function.value,
    mode: form.elements.mode.value,
    verdicts: new Set(verdicts.filter((box) => box.checked).map((box) => box.value)),
  });
  const texts = new Map();
  const textOf = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const fits = (result, want) =>
    (!want.mode || result.dataset.mode === want.mode) &&
    (!want.verdicts.size || want.verdicts.has(result.dataset.result || result.dataset.verdictOf));

  const apply = () => {
    const want = wanted();
    const is_on = Boolean(want.text || want.level || want.function || want.mode || want.verdicts.size);
    let shown = 0;
    for (const situation of all(".situation")) {
      const about = textOf(situation.querySelector(".about"));
      for (const row of all("tr[data-level]", situation)) {
        const fitting = all("[data-result]", row).filter((result) => fits(result, want)).length;
        const told = all(`article[data-row="${CSS.escape(row.id)}"]`, situation);
        const matches = fitting > 0 &&
          (!want.level || row.dataset.level === want.level) &&
          (!want.function || row.dataset.function === want.function) &&
          (!want.text || about.includes(want.text) || textOf(row).includes(want.text) ||
            told.some((article) => textOf(article).includes(want.text)));
        row.hidden = !matches;
        for (const article of told) article.hidden = !matches || !fits(article, want);
        if (matches) shown += fitting;
      }
      situation.hidden = !situation.querySelector("tr[data-level]:not([hidden])");
    }
    for (const chapter of all(".chapter")) chapter.hidden = !chapter.querySelector(".situation:not([hidden])");
    for (const row of all(".matrix tbody tr, .catalogue tbody tr")) {
      row.hidden = (want.level && row.dataset.level !== want.level) ||
        (want.verdicts.size > 0 && !want.verdicts.has(row.dataset.state)) ||
        (want.text !== "" && !textOf(row).includes(want.text));
    }
    const total = Number(count.dataset.total).toLocaleString("en");
    count.textContent = is_on ? `${shown.toLocaleString("en")} of ${total} results` : `${total} results`;
    form.elements.clear.hidden = !is_on;
  };

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let place = target; place; place = place.parentElement) {
      if (place.tagName === "DETAILS") place.open = true;
      place.hidden = false;
    }
    target.scrollIntoView({block: "start"});
  };

  // From one thing that did not pass to the next.
  const stops = () => all("article.result, article.full").filter((article) => article.offsetParent !== null);
  const go = (step) => {
    const places = stops();
    if (!places.length) return;
    const here = places.indexOf(document.activeElement.closest("article"));
    const next = here < 0 ? (step > 0 ? 0 : places.length - 1) : (here + step + places.length) % places.length;
    places[next].focus({preventScroll: true});
    places[next].scrollIntoView({block: "center"});
  };
  const expand = () => {
    const around = document.activeElement.closest(".situation, .finding");
    const parts = all("details", around || document.querySelector("main"));
    if (around && around.tagName === "DETAILS") parts.push(around);
    const open = parts.some((part) => !part.open);
    for (const part of parts) part.open = open;
  };
  const keys = {
    "/": () => form.elements.text.focus(),
    n: () => go(1),
    p: () => go(-1),
    e: expand,
    "?": () => (help.open ? help.close() : help.showModal()),
  };
  document.addEventListener("keydown", (event) => {
    const is_typing = event.target.closest("input[type=search], select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (is_typing) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (help.open && event.key !== "?") return;
    const act = keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  for (const button of all("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const command = button.parentElement.querySelector("code").textContent.trim();
      try {
        await navigator.clipboard.writeText(command);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(button.parentElement.querySelector("code"));
        button.textContent = "selected";
      }
    });
  }
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.elements.clear.addEventListener("click", () => {
    form.reset();
    apply();
    remember();
    form.elements.text.focus();
  });
  document.getElementById("help-button").addEventListener("click", () => help.showModal());
  document.getElementById("help-close").addEventListener("click", () => help.close());
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => all("details").forEach((part) => { part.open = true; }));
  restore();
  apply();
  reveal();
})();
