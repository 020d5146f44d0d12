// Tells how much of an element a user can see.
//
// Seen is what is drawn, not wholly transparent, has a size, and lies inside the viewport. What covers it is not asked:
// clients lay transparent elements over their picture to catch input. Areas are in square CSS pixels.
({ element: selector }) => {
  // Something smaller than this in a direction shows nobody anything; pages keep such videos to hold the screen awake.
  const SMALLEST = 16;
  const STEPS = 20;

  const entries = new WeakMap();
  // Knows about what clips an element: boxes that scroll, and the frames around this one, of other origins too.
  const observer = new IntersectionObserver(
    (news) => {
      for (const entry of news) entries.set(entry.target, entry);
    },
    { threshold: Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS) },
  );

  function inViewport({ left, top, right, bottom }) {
    const width = Math.min(right, innerWidth) - Math.max(left, 0);
    const height = Math.min(bottom, innerHeight) - Math.max(top, 0);
    return Math.max(0, width) * Math.max(0, height);
  }

  // What holds a node, beyond its document or its shadow root; frames of other origins hold nothing that can be had.
  function holder(node) {
    return node.getRootNode().host ?? node.ownerDocument.defaultView?.frameElement ?? null;
  }

  return {
    watch: (element) => observer.observe(element),

    area(element) {
      if (!element.isConnected) return 0;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return 0;
      const box = element.getBoundingClientRect();
      if (Math.min(box.width, box.height) < SMALLEST) return 0;
      const known = entries.get(element);
      if (known === undefined) return inViewport(box);
      if (known.boundingClientRect.width === box.width && known.boundingClientRect.height === box.height) {
        return box.width * box.height * known.intersectionRatio;
      }
      // It has another size by now, and the observer tells of another share only: it is asked anew.
      observer.unobserve(element);
      observer.observe(element);
      return inViewport(box);
    },

    // Whether an element is the one that the client named, or inside it; any is where it named none.
    isMeant(element) {
      if (selector === null) return true;
      for (let node = element; node !== null; node = holder(node)) {
        if (node.closest(selector)) return true;
      }
      return false;
    },
  };
}
