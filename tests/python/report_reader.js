// Does what a reader of the report would do; test_report.py puts it at the page's end and reads what it saw.
addEventListener("load", () => {
  const saw = {}, one = (selector) => document.querySelector(selector), text = (selector) => one(selector).textContent;
  const both = (read, act) => { const before = read(); act(); return [before, read()]; };
  try {
    saw.charts = document.querySelectorAll("#fan-charts canvas").length;
    saw.overflow = document.documentElement.scrollWidth - innerWidth;
    saw.course = document.querySelectorAll("#course-chart canvas").length;
    const pick = (id, i) => { one(id).value = i; one(id).dispatchEvent(new Event("change")); };
    saw.effect = both(() => text("#course-chart .readout"), () => pick("#course-variant", 1));
    saw.gains = both(() => [...document.querySelectorAll("#gains .choice")].map((part) => part.hidden), () => pick("#gains-variant", 1));
    const readout = () => text("#fan-charts .readout");
    saw.keys = both(readout, () => one("#fan-charts .plot").dispatchEvent(new KeyboardEvent("keydown", {key: "Home", bubbles: true})));
    const over = one("#fan-charts .u-over"), box = over.getBoundingClientRect();
    saw.hover = both(readout, () => {
      over.dispatchEvent(new MouseEvent("mouseenter", {clientX: box.left + 5, clientY: box.top + 30}));
      over.dispatchEvent(new MouseEvent("mousemove", {clientX: box.left + box.width / 2, clientY: box.top + 30, bubbles: true, view: window}));
    });
    saw.against = both(readout, () => { one("#fan-variant").value = 1; one("#fan-variant").dispatchEvent(new Event("change")); });
    const select = (i) => { one("#fan-series").value = i; one("#fan-series").dispatchEvent(new Event("change")); };
    saw.series = both(() => text("#fan-charts"), () => select(2));
    saw.trade = text("#fan-note") + readout();
    select(0);
    const slide = () => { one("#net-time").value = 0; one("#net-time").dispatchEvent(new Event("input")); };
    const network = text("#network-chart svg");
    saw.slider = both(() => text("#net-controls output"), slide);
    saw.network = [network, text("#network-chart svg")];
    saw.change = both(() => text("#network-chart svg"), () => { one("#net-time").value = 6; one("#net-time").dispatchEvent(new Event("input")); pick("#net-variant", 3); });
    one("#timeline-chart svg").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
    saw.event = text("#time-readout");
    saw.futures = both(() => text("#time-list"), () => { one("#time-future").value = 1; one("#time-future").dispatchEvent(new Event("change")); });
  } catch (error) {
    window.wrong.push(String(error));
  }
  setTimeout(() => {
    saw.wrong = window.wrong;
    const out = document.createElement("pre");
    out.id = "seen";
    out.textContent = JSON.stringify(saw);
    document.body.append(out);
  }, 200);
});
