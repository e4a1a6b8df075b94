// The themes page: map (drawn by BokehJS), search, sorting. Everything it shows was worked out before.
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("points").textContent);
  const {themes} = data;
  const n = data.x.length;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const whole = (count) => count.toLocaleString("en");
  let chosen = -1;
  let each = []; // of each theme, how many signals the search found
  let hits = null; // what the search found, one flag a signal; null: nothing is searched for

  // --- colours: the same as the table's dots
  const LIGHT = [[62, 42], [55, 54], [70, 33]];
  const DARK = [[62, 64], [50, 52], [75, 76]];
  function hex(hue, [s, l]) {
    const a = (s / 100) * Math.min(l / 100, 1 - l / 100);
    const part = (k) => {
      const v = l / 100 - a * Math.max(-1, Math.min((k + hue / 30) % 12 - 3, 9 - (k + hue / 30) % 12, 1));
      return Math.round(255 * v).toString(16).padStart(2, "0");
    };
    return `#${part(0)}${part(8)}${part(4)}`;
  }
  const shades = () => themes.map((t) => hex(t.hue, (dark.matches ? DARK : LIGHT)[t.shade]));
  function colours() {
    const of = shades();
    const grey = dark.matches ? "#6b7888" : "#a3adb8";
    return data.nearest.map((t, i) => (data.member[i] ? of[t] : grey));
  }
  function alphas() {
    return data.nearest.map((t, i) => {
      const shown = (chosen < 0 || t === chosen) && (!hits || hits[i]);
      return shown ? (data.member[i] ? 1 : 0.75) : 0.1;
    });
  }

  // --- the map
  const map = $("map");
  const source = new Bokeh.ColumnDataSource({data: {
    x: data.x, y: data.y, id: data.id, text: data.text, similarity: data.similarity,
    theme: data.nearest.map((t, i) => (t < 0 ? "" : data.member[i] ? themes[t].name : `in no theme, nearest: ${themes[t].name}`)),
    colour: colours(), alpha: alphas(),
  }});
  const names = new Bokeh.ColumnDataSource({data: {x: [], y: [], name: []}});
  const xs = new Bokeh.Range1d({start: 0, end: 1});
  const ys = new Bokeh.Range1d({start: 0, end: 1});
  // A processor that plays graphics card is slower than a plain canvas.
  const card = (() => {
    const gl = document.createElement("canvas").getContext("webgl", {failIfMajorPerformanceCaveat: true});
    const asked = gl && gl.getExtension("WEBGL_debug_renderer_info");
    const name = gl ? String(gl.getParameter(asked ? asked.UNMASKED_RENDERER_WEBGL : gl.RENDERER)) : "";
    return gl !== null && !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
  })();
  const wheel = new Bokeh.WheelZoomTool({zoom_on_axis: false});
  const pan = new Bokeh.PanTool();
  const figure = Bokeh.Plotting.figure({
    tools: [pan, wheel], x_range: xs, y_range: ys, output_backend: card ? "webgl" : "canvas", sizing_mode: "stretch_both", toolbar_location: null,
    x_axis_location: null, y_axis_location: null, min_border: 0, outline_line_color: null,
    background_fill_color: null, border_fill_color: null, lod_threshold: card ? null : 4000, lod_factor: 12, lod_timeout: 200,
  });
  figure.xgrid.visible = figure.ygrid.visible = false;
  // While a large map moves on a plain canvas, discs stand in for most of the points.
  const discs = figure.circle({
    x: themes.map((t) => t.x), y: themes.map((t) => t.y), radius: themes.map((t) => t.radius), line_color: null, fill_alpha: 0.35,
    fill_color: shades(), visible: false,
  });
  figure.on_event("lodstart", () => { discs.visible = true; });
  figure.on_event("lodend", () => { discs.visible = false; });
  const points = figure.circle({
    x: {field: "x"}, y: {field: "y"}, radius: 0.46, hit_dilation: 1.6, source,
    fill_color: {field: "colour"}, fill_alpha: {field: "alpha"}, line_color: null,
  });
  const written = {
    x: {field: "x"}, y: {field: "y"}, text: {field: "name"}, source: names, text_align: "center", text_baseline: "middle",
    text_font: "system-ui, sans-serif", text_font_size: "13px", text_font_style: "bold", level: "overlay",
  };
  const halo = figure.text({...written, text_outline_width: 5}); // an outline lies over its own letters
  const labels = figure.text(written);
  figure.add_tools(new Bokeh.HoverTool({
    renderers: [points],
    tooltips: '<div style="max-width:20rem;white-space:normal;font:14px/1.4 system-ui,sans-serif;color:#1b2430">'
      + "<b>@theme</b><br>@text<br><span style=\"color:#5b6878\">@id, similarity @similarity</span></div>",
  }));
  figure.toolbar.active_scroll = null;
  // A finger that moves over the map scrolls the page, until the map has been tapped.
  const touch = matchMedia("(pointer: coarse)").matches;
  if (touch) figure.toolbar.active_drag = null;

  function paint() {
    source.data = {...source.data, colour: colours(), alpha: alphas()};
    discs.data_source.data = {...discs.data_source.data, fill_color: shades()};
    labels.glyph.text_color = {value: style("--ink")};
    halo.glyph.text_color = halo.glyph.text_outline_color = {value: style("--tint")};
  }

  // Units of the map to one pixel are the same both ways.
  function show(x, y, wide, tall) {
    const {clientWidth: w, clientHeight: h} = map;
    const unit = Math.max(wide / w, tall / h);
    xs.setv({start: x - (unit * w) / 2, end: x + (unit * w) / 2});
    ys.setv({start: y - (unit * h) / 2, end: y + (unit * h) / 2});
  }
  function all() {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < n; i++) {
      left = Math.min(left, data.x[i]); right = Math.max(right, data.x[i]);
      low = Math.min(low, data.y[i]); high = Math.max(high, data.y[i]);
    }
    show((left + right) / 2, (low + high) / 2, (right - left) * 1.06 + 4, (high - low) * 1.06 + 4);
  }
  const middle = () => [(xs.start + xs.end) / 2, (ys.start + ys.end) / 2, xs.end - xs.start, ys.end - ys.start];
  const moving = () => { if (figure.document) figure.document.interactive_start(figure); };
  function zoom(by) { const [x, y, w, h] = middle(); moving(); show(x, y, w * by, h * by); }
  function move(right, up) { const [x, y, w, h] = middle(); moving(); show(x + w * right, y + h * up, w, h); }

  // Names of as many themes as fit, the largest first; more of them the nearer one looks.
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "bold 13px system-ui, sans-serif";
  const short = themes.map((t) => (t.name.length > 30 ? `${t.name.slice(0, 29)}…` : t.name));
  const widths = short.map((name) => pen.measureText(name).width + 10);
  function label() {
    const [, , wide, tall] = middle();
    const unit = wide / map.clientWidth;
    const found = {x: [], y: [], name: []};
    const taken = [];
    const order = themes.map((_, t) => t).sort((a, b) => (b === chosen) - (a === chosen));
    for (const t of order) {
      const {x, y, radius} = themes[t];
      const w = (widths[t] * unit) / 2;
      const h = 10 * unit;
      if (x - w < xs.start || x + w > xs.end || y - h < ys.start || y + h > ys.end) continue;
      if (taken.some((o) => Math.abs(o.x - x) < o.w + w && Math.abs(o.y - y) < o.h + h)) continue;
      if (t !== chosen && (radius / tall < 0.018 || (hits && !each[t]))) continue;
      taken.push({x, y, w, h});
      found.x.push(x); found.y.push(y); found.name.push(short[t]);
    }
    names.data = found;
  }
  let waiting = 0;
  const later = () => { clearTimeout(waiting); waiting = setTimeout(label, 120); };
  for (const range of [xs, ys]) range.change.connect(later);

  // --- choosing a theme
  const table = $("table");
  const lines = [...table.tBodies[0].rows];
  function choose(t, near) {
    chosen = t === chosen ? -1 : t;
    paint();
    for (const line of lines) line.classList.toggle("here", Number(line.dataset.theme) === chosen);
    const box = $("chosen");
    box.hidden = chosen < 0;
    box.replaceChildren();
    if (chosen >= 0) {
      const {id, name, size, x, y, radius} = themes[chosen];
      const line = document.createElement("p");
      const title = document.createElement("b");
      title.textContent = name;
      const link = document.createElement("a");
      link.href = `#${id}`;
      link.textContent = "read about it";
      const undo = document.createElement("button");
      undo.type = "button";
      undo.textContent = "Show all themes";
      undo.addEventListener("click", () => { choose(-1); all(); });
      line.append(title, `, ${whole(size)} signals: `, link, " ", undo);
      box.append(line);
      if (near) show(x, y, radius * 8 + 12, radius * 5 + 8);
    }
    label();
  }
  figure.on_event("tap", ({x, y}) => {
    let [best, least] = [-1, Infinity];
    themes.forEach((t, i) => {
      const far = Math.hypot(t.x - x, t.y - y) - t.radius - 2.5;
      if (far < least) [best, least] = [i, far];
    });
    if (least < 0) choose(best); else if (chosen >= 0) choose(-1);
  });
  for (const link of table.querySelectorAll("td:first-child a")) {
    const button = document.createElement("button");
    const t = Number(link.closest("tr").dataset.theme);
    button.type = "button";
    button.className = "find";
    button.textContent = "map";
    button.setAttribute("aria-label", `Show ${themes[t].name} on the map`);
    button.addEventListener("click", () => { chosen = -1; choose(t, true); map.scrollIntoView({block: "center"}); });
    link.after(" ", button);
  }

  // --- keys and buttons
  const keys = {
    ArrowLeft: () => move(-0.15, 0), ArrowRight: () => move(0.15, 0), ArrowUp: () => move(0, 0.15), ArrowDown: () => move(0, -0.15),
    "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), 0: all, Escape: () => { if (chosen >= 0) choose(-1); },
  };
  map.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  map.addEventListener("pointerdown", () => map.focus({preventScroll: true}));
  map.addEventListener("focusin", () => { figure.toolbar.active_scroll = wheel; figure.toolbar.active_drag = pan; });
  map.addEventListener("focusout", (event) => {
    if (map.contains(event.relatedTarget)) return;
    figure.toolbar.active_scroll = null;
    if (touch) figure.toolbar.active_drag = null;
  });
  $("closer").addEventListener("click", () => zoom(0.7));
  $("wider").addEventListener("click", () => zoom(1 / 0.7));
  $("whole").addEventListener("click", all);

  // --- search: every word must stand in the signal or in its theme's name
  const query = $("query");
  const said = data.text.map((text) => text.toLowerCase());
  const called = themes.map((t) => `${t.name} ${t.id}`.toLowerCase());
  function search() {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    each = new Array(themes.length).fill(0);
    let count = 0;
    hits = null;
    if (words.length) {
      hits = said.map((text, i) => {
        const t = data.nearest[i];
        const own = data.member[i] ? called[t] : "";
        const hit = words.every((word) => text.includes(word) || own.includes(word) || data.id[i].toLowerCase() === word);
        if (hit) { count++; if (data.member[i]) each[t]++; }
        return hit;
      });
    }
    for (const line of lines) line.hidden = hits !== null && !each[Number(line.dataset.theme)];
    $("clear").hidden = !words.length;
    $("found").textContent = hits ? `${whole(count)} of ${whole(n)} signals, in ${whole(each.filter(Boolean).length)} themes` : "";
    paint();
    label();
  }
  let typing = 0;
  query.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(search, 150); });
  $("clear").addEventListener("click", () => { query.value = ""; search(); query.focus(); });
  query.disabled = false;

  // --- sorting
  const number = (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : null);
  function sort(head, column) {
    const before = head.getAttribute("aria-sort"); // figures begin with the largest, words with A
    const figures = lines.every((line) => number(line.cells[column].dataset.v) !== null);
    const down = before === "none" ? figures : before === "ascending";
    for (const other of head.parentNode.cells) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (line) => line.cells[column].dataset.v;
    lines.sort((a, b) => {
      const [p, q] = [number(value(a)), number(value(b))];
      const order = p !== null && q !== null ? q - p : value(b).localeCompare(value(a), "en");
      return (down ? order : -order) || a.dataset.theme - b.dataset.theme;
    });
    table.tBodies[0].append(...lines);
  }
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, column));
    head.append(button);
    if (!head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
  });

  dark.addEventListener("change", paint);
  new ResizeObserver(() => { const [x, y, w, h] = middle(); show(x, y, w, h); label(); }).observe(map);
  all();
  paint();
  label();
  Bokeh.Plotting.show(figure, "#canvas");
})();
