// Forces the network path that the target asks for, and tells which STUN and TURN servers are in force.
//
// The page's own objects are never changed: what differs is laid over them. User names and credentials are looked at
// only to say whether there are any, and to blot them out of the servers' error texts.
({ network }) => {
  const RELAYED = /^turns?:/i;
  const MOST_SERVERS = 20;
  const LONGEST_URL = 200;
  const LONGEST_TEXT = 200;

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

  function secretsOf(peer) {
    const servers = configurationOf(peer).iceServers ?? [];
    const secrets = servers.flatMap(({ username, credential }) => [credential, username]);
    return secrets.filter((secret) => typeof secret === "string" && secret !== "");
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

    candidateError(peer, { errorCode, errorText, url }) {
      const words = String(errorText ?? "");
      const text = secretsOf(peer).reduce((rest, secret) => rest.replaceAll(secret, "***"), words);
      return { code: errorCode, url: withoutUser(url), text: text.slice(0, LONGEST_TEXT) };
    },
  };
}
