// Forces the network path that the target asks for, and tells which STUN and TURN servers are in force.
//
// The page's own objects are never changed: what differs is laid over them. User names and credentials are looked at
// only to say whether there are any. What a server says in its errors may repeat them, those of an earlier
// configuration too, so that a code's own words (RFC 8489, RFC 8656) stand for the server's.
({ network }) => {
  const RELAYED = /^turns?:/i;
  const MOST_SERVERS = 20;
  const LONGEST_URL = 200;
  const WORDS = {
    300: "Try Alternate",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    420: "Unknown Attribute",
    437: "Allocation Mismatch",
    438: "Stale Nonce",
    440: "Address Family not Supported",
    441: "Wrong Credentials",
    442: "Unsupported Transport Protocol",
    486: "Allocation Quota Reached",
    500: "Server Error",
    508: "Insufficient Capacity",
    701: "No Answer",
  };

  // A configuration is whatever has its members, inherited ones included.
  function overlaid(original, members) {
    const descriptors = Object.entries(members).map(([name, value]) => [name, { value, enumerable: true }]);
    return Object.create(original ?? Object.prototype, Object.fromEntries(descriptors));
  }

  function urlsOf({ urls }) {
    return typeof urls === "string" ? [urls] : [...(urls ?? [])];
  }

  function isDirect(url) {
    return !RELAYED.test(String(url).trim());
  }

  function withoutRelays(server) {
    const urls = urlsOf(server);
    const direct = urls.filter(isDirect);
    if (direct.length === urls.length) return [server];
    return direct.length === 0 ? [] : [overlaid(server, { urls: direct })];
  }

  function withoutUser(url) {
    return String(url ?? "")
      .replace(/^([a-z]+:)[^@]*@/i, "$1")
      .slice(0, LONGEST_URL);
  }

  function configurationOf(peer) {
    try {
      return peer.getConfiguration();
    } catch {
      return {};
    }
  }

  return {
    // The arguments to construct or to configure a peer connection with.
    adapt([configuration, ...rest]) {
      // What is no configuration is the browser's to refuse.
      if (configuration != null && !["object", "function"].includes(typeof configuration)) return undefined;
      if (network === "relay") return [overlaid(configuration, { iceTransportPolicy: "relay" }), ...rest];
      if (network !== "direct" || !configuration?.iceServers) return undefined;
      return [overlaid(configuration, { iceServers: [...configuration.iceServers].flatMap(withoutRelays) }), ...rest];
    },

    inForce(peer) {
      const { iceTransportPolicy = "all", iceServers = [] } = configurationOf(peer);
      const servers = iceServers.flatMap((server) =>
        urlsOf(server).map((url) => ({ url: withoutUser(url), credentials: Boolean(server.username && server.credential) })),
      );
      return { policy: iceTransportPolicy, servers: servers.slice(0, MOST_SERVERS) };
    },

    withoutUser,

    candidateError: ({ errorCode, url }) => ({ code: errorCode, url: withoutUser(url), text: WORDS[errorCode] ?? "" }),
  };
}
