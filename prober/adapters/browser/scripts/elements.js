// Finds the elements that may show a picture, in the document and in its shadow roots, closed ones too.
//
// Shadow roots are held weakly: a page that makes and drops them for hours must not grow by our doing.
({ wraps }) => {
  const SELECTOR = "video, canvas";

  const notices = [];
  let roots = [];

  function tell() {
    for (const notice of notices) notice();
  }

  function mayHold(node) {
    return node.nodeType === Node.ELEMENT_NODE && (node.matches(SELECTOR) || node.firstElementChild !== null);
  }

  // Text that changes, as clocks and counters do, is worth no search.
  const observer = new MutationObserver((mutations) => {
    if (mutations.some(({ addedNodes }) => [...addedNodes].some(mayHold))) tell();
  });

  function include(root) {
    roots.push(new WeakRef(root));
    observer.observe(root, { childList: true, subtree: true });
  }

  // Shadow roots that the parser made, which nobody was told of.
  function includeDeclared(root) {
    for (const { shadowRoot } of root.querySelectorAll("*")) {
      if (shadowRoot === null || roots.some((known) => known.deref() === shadowRoot)) continue;
      include(shadowRoot);
      includeDeclared(shadowRoot);
    }
  }

  wraps.wrapMethod(Element.prototype, "attachShadow", { notice: (host, args, root) => include(root) });
  document.addEventListener(
    "DOMContentLoaded",
    wraps.guarded(() => {
      includeDeclared(document);
      tell();
    }),
  );
  include(document);

  return {
    // Those that are in the page now.
    all() {
      const found = [];
      roots = roots.filter((weak) => {
        const root = weak.deref();
        if (root?.isConnected) found.push(...root.querySelectorAll(SELECTOR));
        return root !== undefined;
      });
      return found;
    },

    // Calls `notice` when there may be new ones.
    watch(notice) {
      notices.push(notice);
    },
  };
}
