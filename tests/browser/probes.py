"""What is measured inside a page: JavaScript that gives plain data.

Source: Web Content Accessibility Guidelines 2.2, success criterion 1.4.3 and its definitions of
contrast ratio and relative luminance.
"""

from __future__ import annotations

UNFOLD = """() => {
  for (const one of document.querySelectorAll('details')) one.open = true;
  for (const one of document.querySelectorAll('img')) one.loading = 'eager';
}"""
"""Unfolds everything and loads every picture, so that what is hidden is looked at too."""

N_PICTURES = """() => [...document.querySelectorAll('svg, img')]
  .filter(one => one.checkVisibility()).length"""
"""How many pictures are shown."""

OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const inside = (one) => {
    for (let up = one.parentElement; up; up = up.parentElement)
      if (up !== document.body && getComputedStyle(up).overflowX !== 'visible') return true;
    return false;
  };
  const wide = [...document.body.querySelectorAll('*')].filter(one =>
    one.checkVisibility() && !one.closest('svg, .skip') && !inside(one)
    && one.getBoundingClientRect().right > width + 1);
  return {
    page: document.documentElement.scrollWidth - width,
    elements: wide.map(one => one.outerHTML.slice(0, 80)),
  };
}"""
"""How far the page is wider than its window, px, and what stands out on the right."""

SCROLLERS = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
    && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))
  .map(one => ({
    what: one.outerHTML.slice(0, 80),
    tabindex: one.getAttribute('tabindex'),
    role: one.getAttribute('role'),
    label: one.getAttribute('aria-label') || one.getAttribute('aria-labelledby'),
    class: one.className,
  }))"""
"""Everything that scrolls sideways."""

CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const rgba = (color) => {
    if (!known.has(color)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(color, [r, g, b, a / 255]);
    }
    return known.get(color);
  };
  const over = (top, below) => {
    const a = top[3];
    return [0, 1, 2].map(i => a * top[i] + (1 - a) * below[i]).concat(1);
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map(value => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, two) => {
    const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = 'Canvas';
  const paper = rgba(getComputedStyle(probe).color);
  probe.remove();
  const ground = (one) => {
    const layers = [];
    for (let up = one; up; up = up.parentElement)
      layers.push(rgba(getComputedStyle(up).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), paper);
  };
  const opacity = (one) => {
    let value = 1;
    for (let up = one; up; up = up.parentElement) value *= +getComputedStyle(up).opacity;
    return value;
  };
  // What a drawing paints under a text: the shapes before it whose inside holds its middle.
  const painted = (text, below) => {
    const box = text.getBoundingClientRect();
    const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
    let color = below;
    const shapes = 'path, rect, circle, polygon, image';
    for (const shape of text.ownerSVGElement.querySelectorAll(shapes)) {
      if (text.compareDocumentPosition(shape) & Node.DOCUMENT_POSITION_FOLLOWING) break;
      if (shape.closest('defs, clipPath')) continue;
      const area = shape.getBoundingClientRect();
      if (middle.x < area.left || middle.x > area.right
          || middle.y < area.top || middle.y > area.bottom) continue;
      if (shape.tagName === 'image') return null;
      const style = getComputedStyle(shape);
      if (style.fill === 'none') continue;
      const matrix = shape.getScreenCTM();
      if (!matrix || !shape.isPointInFill(middle.matrixTransform(matrix.inverse()))) continue;
      const [r, g, b, a] = rgba(style.fill);
      color = over([r, g, b, a * style.fillOpacity * opacity(shape)], color);
    }
    return color;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    const words = walker.currentNode.textContent.trim();
    if (!words || one.closest('script, style, title')) continue;
    if (!one.checkVisibility({ visibilityProperty: true })) continue;
    const drawn = one.closest('text');
    let below = ground(drawn ? drawn.ownerSVGElement.parentElement : one);
    if (drawn) below = painted(drawn, below);
    if (!below) continue;
    const style = getComputedStyle(one);
    const [r, g, b, a] = rgba(drawn ? style.fill : style.color);
    const color = over([r, g, b, a * opacity(one)], below);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    found.push({ words: words.slice(0, 40), ratio: ratio(color, below), least: large ? 3 : 4.5 });
  }
  return found;
}"""
"""Each text's contrast against what it stands on, and the least that is asked of its size."""

STOPS = """() => {
  const asked = 'a[href], button, input, select, textarea, summary, audio[controls], '
    + 'video[controls], [tabindex]:not([tabindex="-1"])';
  window.stops = [...document.querySelectorAll(asked)]
    .filter(one => !one.disabled && one.checkVisibility({ visibilityProperty: true }));
  return window.stops.map(one => one.outerHTML.slice(0, 80));
}"""
"""All that can be used, in the order of the page."""

FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const marked = (element) => {
    const style = getComputedStyle(element);
    return +style.opacity > 0 && style.outlineStyle !== 'none'
      && parseFloat(style.outlineWidth) >= 1 && style.outlineColor !== 'rgba(0, 0, 0, 0)';
  };
  return {
    place: window.stops.indexOf(one),
    what: one.outerHTML.slice(0, 80),
    marked: marked(one) || (!!one.closest('label') && marked(one.closest('label'))),
    seen: box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight
      && box.width > 0 && box.height > 0,
  };
}"""
"""What the keyboard is at: its place among the stops, whether that is marked and in the window."""

HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
  .filter(one => one.checkVisibility()).map(one => [+one.tagName[1], one.textContent.trim()])"""
"""Levels and words of the headings, in the order of the page."""
