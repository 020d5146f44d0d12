// Keeps the page's peer connections, with the ICE states that they went through.
{
  const Real = RTCPeerConnection;
  window.peers = [];
  window.iceStates = [];
  window.RTCPeerConnection = function (...args) {
    const peer = new Real(...args);
    peers.push(peer);
    peer.addEventListener("iceconnectionstatechange", () => iceStates.push(peer.iceConnectionState));
    return peer;
  };

  // The first statistics object of a type, of any peer connection, that has all of some values.
  window.statistics = async (type, wanted = {}) => {
    for (const peer of peers) {
      for (const entry of (await peer.getStats()).values()) {
        const fits = Object.entries(wanted).every(([name, value]) => entry[name] === value);
        if (entry.type === type && fits) return entry;
      }
    }
    return null;
  };

  // Waits until a check, which may itself wait for something, says yes.
  window.until = async (check) => {
    for (let tries = 0; tries < 300; tries++) {
      if (await check()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`never true: ${check}`);
  };

  // Mean of the red values of a picture where the menu is after a right click at 480, 200.
  window.menuArea = (picture) => {
    const context = new OffscreenCanvas(16, 16).getContext("2d");
    context.drawImage(picture, 500, 210, 140, 120, 0, 0, 16, 16);
    const { data } = context.getImageData(0, 0, 16, 16);
    return data.filter((_, index) => index % 4 === 0).reduce((sum, value) => sum + value, 0) / 256;
  };
}
