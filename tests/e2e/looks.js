// What a person with large fingers and weak eyes would complain of, on the page as it stands.
// `translated` holds the messages that are said otherwise in the page's language.
(translated) => {
  const LEAST = 43.5; // 44 CSS pixels, but for rounding
  const CONTROLS = "button, a[href], input, select, textarea, summary, [role=switch], [role=tab]";
  const INLINE = "p a, .skip, input[type=hidden]";
  const faults = new Set();
  const known = new Set(translated);

  const parent = (element) =>
    element.assignedSlot ?? element.parentElement ?? element.getRootNode()?.host ?? null;
  const chain = function* (element) {
    for (let at = element; at; at = parent(at)) yield at;
  };
  const named = (element) => {
    const text = element.getAttribute("aria-label") || element.innerText || element.type || "";
    return `${element.localName}.${element.getAttribute("class") ?? ""} “${text.trim().slice(0, 50)}”`;
  };

  const colour = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return text.startsWith("color(srgb") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, under) => [
    ...[0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])),
    1,
  ];
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  // Null where the ground is a picture: what is under the letters is not known.
  const ground = (element) => {
    const layers = [];
    for (const at of chain(element)) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      const layer = colour(style.backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) return layers.reverse().reduce((under, top) => over(top, under));
      if (["absolute", "fixed"].includes(style.position) && at !== document.body) return null;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const contrast = (element, style) => {
    const under = ground(element);
    if (!under) return;
    const [light, dark] = [luminance(over(colour(style.color), under)), luminance(under)].sort(
      (one, other) => other - one,
    );
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      faults.add(`${named(element)} has a contrast of ${ratio.toFixed(2)}`);
  };

  const all = (root) =>
    [...root.querySelectorAll("*")].flatMap((element) => [
      element,
      ...(element.shadowRoot ? all(element.shadowRoot) : []),
    ]);
  const elements = all(document.body);
  const dialog = elements.find((element) => element.localName === "dialog" && element.open);
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.add(`the page is ${wide} px wider than the screen`);

  for (const element of elements) {
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    if (element.matches("script, style, option, .visually-hidden, .visually-hidden *")) continue;
    const box = element.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if (element.matches(CONTROLS) && !element.matches(INLINE)) {
      const label = element.matches("[type=checkbox], [type=radio]") && element.closest("label");
      const { width, height } = label ? label.getBoundingClientRect() : box;
      if (width < LEAST || height < LEAST)
        faults.add(`${named(element)} is ${Math.round(width)} × ${Math.round(height)}`);
    }
    const words = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    if (words.length === 0) continue;
    // Keys (in guides) are called as the keyboard has them.
    for (const node of element.localName === "em" ? [] : words)
      if (known.has(node.data.trim())) faults.add(`“${node.data.trim()}” is not translated`);
    const style = getComputedStyle(element);
    const room = element.clientWidth;
    // Names that people have given may end in an ellipsis; nothing else is cut.
    if (room && element.scrollWidth > room + 1 && style.display !== "inline")
      if (style.textOverflow !== "ellipsis" && !["auto", "scroll"].includes(style.overflowX))
        faults.add(`${named(element)} does not fit: ${element.scrollWidth} px in ${room}`);
    const behind = dialog && ![...chain(element)].includes(dialog);
    if (!behind && !element.closest(":disabled")) contrast(element, style);
  }
  return [...faults];
}
