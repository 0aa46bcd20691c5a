/* Colours a folium map by cover: fetches the shapes, puts classes on them, shows names and what lies behind a click.

   Everything a person wrote is put on the page with textContent; nothing is parsed as HTML. Colours stand in
   css/coverage-map.css. Reads the data block <script type="application/json" id=…> of app/features/coverage/maps.py. */
(function () {
  "use strict";

  // Below this zoom township names would only cover one another.
  const TOWNSHIP_NAMES_FROM = 8.75;
  const FULL_NAMES_FROM = 8;
  const LARGE_NAMES_FROM = 10;
  // From this step of the scale on, names on a shape are white.
  const DARK_FROM = 5;
  // Half the width of the largest tooltip (css/coverage-map.css), and a little air.
  const TIP_REACH = 145;
  const FINGERS = window.matchMedia("(hover: none) and (pointer: coarse)").matches;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function lookOf(value) {
    if (!value) return "coverage-outside";
    if (value.d) return "coverage-hatched-" + (value.s === null ? 0 : value.s);
    return value.s === null ? "coverage-unknown" : "coverage-step-" + value.s;
  }

  function wordsOf(value, facts) {
    if (!value) return facts.outsideLabel;
    if (value.s === null && !value.d) return facts.unknownLabel;
    return value.d ? facts.declaredLabel : facts.classes[value.s];
  }

  function swatch(look) {
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.setAttribute("class", "coverage-swatch");
    picture.setAttribute("width", "24");
    picture.setAttribute("height", "16");
    const area = document.createElementNS(picture.namespaceURI, "rect");
    for (const [name, set] of Object.entries({ class: "coverage-shape " + look, x: ".5", y: ".5", width: "23", height: "15", rx: "3" })) {
      area.setAttribute(name, set);
    }
    picture.append(area);
    return picture;
  }

  function describe(feature, value, facts, withLink) {
    const place = feature.properties;
    const box = element("div", withLink ? "coverage-tip" : "");
    const name = element("p", "coverage-tip-name", place.name);
    if (place.county !== place.name) name.append(element("span", "coverage-tip-county", place.county));
    const state = element("p", "coverage-tip-class");
    state.append(swatch(lookOf(value)), element("span", "", wordsOf(value, facts)));
    box.append(name, state);
    if (value && value.t.length) {
      const list = element("ul");
      for (const line of value.t) list.append(element("li", "", line));
      box.append(list);
    }
    if (place.kind === "voronoi" || place.kind === "point") box.append(element("p", "coverage-tip-note", facts.schematicNote));
    if (value && value.u) {
      const more = withLink ? element("a", "coverage-tip-link", "查看明细") : element("p", "coverage-tip-note", "点击查看明细");
      if (withLink) more.href = value.u;
      box.append(more);
    }
    return box;
  }

  /* The wheel scrolls the page until the map is entered; one finger scrolls the page, two move the map. */
  function prepare(map, facts) {
    const frame = map.getContainer();
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", facts.title + "，地图。方向键移动，加号和减号缩放；页面上的表格内容相同。");
    map.attributionControl.setPrefix(false);
    if (facts.reviewNo) map.attributionControl.addAttribution(escaped("审图号：" + facts.reviewNo));
    L.control.zoom({ position: "topright", zoomInTitle: "放大", zoomOutTitle: "缩小" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    map.on("focus", () => map.scrollWheelZoom.enable());
    map.on("blur", () => map.scrollWheelZoom.disable());
    if (FINGERS) map.dragging.disable();
    for (const [name, order] of [["coverage-lines", 450], ["coverage-labels", 460]]) {
      map.createPane(name).style.zIndex = order;
    }
  }

  /* Leaflet takes attributions as HTML. */
  function escaped(text) {
    const holder = document.createElement("span");
    holder.textContent = text;
    return holder.innerHTML;
  }

  function addShapes(map, cells, facts) {
    const layer = L.geoJSON(cells, {
      style: (feature) => {
        const value = facts.values[feature.id];
        return { className: "coverage-shape " + lookOf(value) + (value && value.u ? " has-page" : "") };
      },
      onEachFeature: (feature, shape) => watch(map, feature, shape, facts),
    });
    return layer.addTo(map);
  }

  /* A mouse shows what is under it and opens the page behind it; a finger gets the same words with a link, below the map. */
  function watch(map, feature, shape, facts) {
    const value = facts.values[feature.id];
    const mark = (on) => shape.getElement().classList.toggle("is-active", on);
    // Leaflet listens for focus on each shape, which makes 141 stops of the Tab key; the table says the same.
    shape.on("add", () => shape.getElement().setAttribute("tabindex", "-1"));
    shape.on("mouseover mousemove", (event) => keepInside(map, shape.getTooltip(), event.containerPoint));
    shape.bindTooltip(() => describe(feature, value, facts, false), { sticky: true, className: "coverage-tip", opacity: 1 });
    shape.on("mouseover", () => {
      shape.bringToFront();
      mark(true);
    });
    shape.on("mouseout", () => mark(false));
    shape.on("click", ({ originalEvent }) => {
      if (originalEvent.pointerType === "touch") {
        shape.closeTooltip();
        detailOf(map).replaceChildren(describe(feature, value, facts, true));
      } else if (value && value.u) {
        if (originalEvent.ctrlKey || originalEvent.metaKey) window.open(value.u, "_blank", "noopener");
        else window.location.assign(value.u);
      }
    });
  }

  /* Above the pointer in the lower half, below it in the upper, and never past the left or right edge. */
  function keepInside(map, tip, pointer) {
    const { x: width, y: height } = map.getSize();
    const below = pointer.y < height / 2;
    const reach = Math.min(TIP_REACH, width / 2);
    tip.options.direction = below ? "bottom" : "top";
    tip.options.offset = L.point(Math.min(Math.max(pointer.x, reach), width - reach) - pointer.x, below ? 16 : -8);
  }

  function detailOf(map) {
    return map.getContainer().closest(".coverage-map").querySelector(".coverage-map-detail");
  }

  function addLines(map, borders, counties) {
    const renderer = L.svg({ pane: "coverage-lines", padding: 0.5 });
    const draw = (shapes, className) =>
      L.geoJSON(shapes, { pane: "coverage-lines", renderer, interactive: false, style: { className, fill: false } }).addTo(map);
    draw(counties, "coverage-county-halo");
    for (const [kind, lines] of Object.entries(borders || {})) {
      draw(lines, "coverage-border-halo");
      draw(lines, "coverage-border coverage-border-" + kind);
    }
    draw(counties, "coverage-county");
  }

  function label(map, feature, kind, value) {
    const [lon, lat] = feature.properties.label;
    const dark = kind === "township" && value && !value.d && value.s >= DARK_FROM;
    const words = element("span", dark ? "on-dark" : "", feature.properties.name);
    const icon = L.divIcon({ className: "coverage-label coverage-label-" + kind, html: words, iconSize: [0, 0] });
    const place = L.latLng(lat, lon);
    L.marker(place, { icon, interactive: false, keyboard: false, pane: "coverage-labels" }).addTo(map);
    return { place, words, name: feature.properties.name, township: kind === "township" };
  }

  /* Counties first, then townships, each only where it covers no name already shown; far off, 泰宁 stands for 泰宁县. */
  function placeLabels(map, labels) {
    const far = map.getZoom() < FULL_NAMES_FROM;
    map.getContainer().classList.toggle("is-far", far);
    map.getContainer().classList.toggle("is-near", map.getZoom() >= LARGE_NAMES_FROM);
    for (const { words, name, township } of labels) {
      if (!township) words.textContent = far && name.length > 2 ? name.slice(0, -1) : name;
    }
    const sizes = labels.map(({ words }) => [words.offsetWidth / 2, words.offsetHeight / 2]);
    const taken = [];
    labels.forEach(({ place, words, township }, number) => {
      const middle = map.latLngToLayerPoint(place);
      const [wide, high] = sizes[number];
      const free = taken.every(([x, y, w, h]) => Math.abs(middle.x - x) > w + wide || Math.abs(middle.y - y) > (h + high) * 0.8);
      const shown = free && (!township || map.getZoom() >= TOWNSHIP_NAMES_FROM);
      if (shown) taken.push([middle.x, middle.y, wide, high]);
      words.classList.toggle("is-covered", !shown);
    });
  }

  function addLabels(map, cells, counties, facts) {
    const countyCodes = new Set(counties.features.map((feature) => feature.id));
    const townships = cells.features.filter((feature) => !countyCodes.has(feature.id));
    const labels = counties.features.map((feature) => label(map, feature, "county"));
    for (const feature of townships) labels.push(label(map, feature, "township", facts.values[feature.id]));
    const place = () => placeLabels(map, labels);
    map.on("zoomend", place);
    place();
  }

  /* The whole city fills the frame until the reader has moved the map. */
  function fit(map, bounds) {
    const padding = [8, 8];
    const refit = () => {
      map.setMinZoom(0);
      map.fitBounds(bounds, { padding, animate: false });
      map.setMinZoom(map.getZoom() - 1);
    };
    refit();
    map.setMaxBounds(L.latLngBounds(bounds).pad(0.4));
    let untouched = true;
    map.getContainer().addEventListener("pointerdown", () => { untouched = false; });
    map.getContainer().addEventListener("keydown", () => { untouched = false; });
    map.on("resize", () => { if (untouched) refit(); });
  }

  /* Paper has a size of its own: the frame takes it before the browser lays out its sheets, whatever the window's width. */
  function printable(map) {
    const frame = map.getContainer().parentElement;
    const size = (onPaper) => {
      frame.classList.toggle("is-on-paper", onPaper);
      map.invalidateSize({ animate: false });
    };
    window.addEventListener("beforeprint", () => size(true));
    window.addEventListener("afterprint", () => size(false));
  }

  async function shapesAt(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(address + " answered " + answer.status);
    return answer.json();
  }

  window.ketepaiCoverageMap = async function (map, dataId) {
    const facts = JSON.parse(document.getElementById(dataId).textContent);
    prepare(map, facts);
    fit(map, facts.bounds);
    printable(map);
    const message = map.getContainer().parentElement.querySelector(".coverage-map-message");
    message.textContent = "正在载入地图……";
    try {
      const [cells, counties] = await Promise.all([shapesAt(facts.geometry), shapesAt(facts.counties)]);
      addShapes(map, cells, facts);
      addLines(map, cells.borders, counties);
      addLabels(map, cells, counties, facts);
      message.textContent = "";
    } catch (problem) {
      message.textContent = "地图界线没有载入，请检查网络后刷新页面；页面上的表格内容与地图相同。";
      console.error(problem);
    }
  };
})();
