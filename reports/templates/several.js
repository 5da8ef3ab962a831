"use strict";
// Hides and shows lines; without it, all of them are there.
(() => {
  const form = document.getElementById("filter");
  const count = document.getElementById("filter-count");
  const groups = [...document.querySelectorAll(".several tbody")];
  form.hidden = false;

  const restore = () => {
    const query = new URLSearchParams(location.search);
    form.elements.text.value = query.get("text") || "";
    form.elements.verdict.value = query.get("verdict") || "";
    form.elements.differs.checked = query.has("differs");
  };
  const remember = () => {
    const query = new URLSearchParams();
    if (form.elements.text.value) query.set("text", form.elements.text.value);
    if (form.elements.verdict.value) query.set("verdict", form.elements.verdict.value);
    if (form.elements.differs.checked) query.set("differs", "1");
    const text = query.toString();
    history.replaceState(null, "", (text ? "?" + text : location.pathname) + location.hash);
  };
  const apply = () => {
    const text = form.elements.text.value.trim().toLowerCase();
    const verdict = form.elements.verdict.value;
    const only = form.elements.differs.checked;
    let shown = 0;
    for (const group of groups) {
      let any = false;
      for (const line of group.querySelectorAll("tr[data-verdicts]")) {
        const fits = (!text || line.id.includes(text)) &&
          (!verdict || line.dataset.verdicts.split(" ").includes(verdict)) &&
          (!only || line.classList.contains("differs"));
        line.hidden = !fits;
        any ||= fits;
        shown += fits;
      }
      group.hidden = !any;
    }
    count.textContent = `${shown.toLocaleString("en")} of ${Number(count.dataset.total).toLocaleString("en")} lines`;
  };
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.elements.text.focus();
    }
  });
  restore();
  apply();
})();
