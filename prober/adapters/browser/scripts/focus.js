// Brings the keyboard to the desktop without a click, which would do something there.
({ picture, regions }) => {
  // What has the focus in the node's own tree.
  function activeBeside(node) {
    return node.getRootNode().activeElement;
  }

  // The element that a click on the desktop would meet: the picture, or what the page laid over it to catch input.
  function target(element) {
    const [place] = regions.places();
    let found = (place && regions.topAt(element, place)) ?? element;
    while (place && found.shadowRoot) {
      const inner = found.shadowRoot.elementFromPoint(place.x, place.y);
      if (inner === null || inner === found) break;
      found = inner;
    }
    return found;
  }

  return {
    // As a click does: what it meets gets the focus, or the first around it that takes it; where nothing does, whatever
    // had it loses it, and keys go to the document.
    focus() {
      const element = picture.element();
      if (element === null) return false;
      window.focus();
      for (let node = target(element); node; node = node.parentElement ?? node.getRootNode().host) {
        if (node === activeBeside(node)) return true;
        node.focus({ preventScroll: true });
        if (node === activeBeside(node)) return true;
      }
      document.activeElement?.blur();
      return true;
    },
  };
}
