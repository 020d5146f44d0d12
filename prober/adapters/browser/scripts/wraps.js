// Wraps what a page calls, so that it never notices.
//
// Wrapped things are proxies: prototypes, statics, instanceof, names and toString stay what they were. An error that the
// page's call raises reaches the page as it is; one of ours never does.
() => {
  function guarded(act) {
    return (...args) => {
      try {
        return act(...args);
      } catch {
        // Nothing to be told: what is missing shows as absent.
        return undefined;
      }
    };
  }

  // Makes a function that returns the arguments that `adapt` makes of the page's; the page's own where it makes none.
  function adapting(adapt) {
    const adapted = guarded(adapt);
    return (args) => adapted(args) ?? args;
  }

  return {
    guarded,

    // Lets `watch` see each instance; `names` are those that the constructor has in this window.
    wrapConstructor(names, { adapt = () => undefined, watch }) {
      const native = window[names[0]];
      if (typeof native !== "function") return;
      const adapted = adapting(adapt);
      const watched = guarded(watch);
      const wrapped = new Proxy(native, {
        construct(target, args, newTarget) {
          const instance = Reflect.construct(target, adapted(args), newTarget);
          watched(instance);
          return instance;
        },
      });
      native.prototype.constructor = wrapped;
      for (const name of names) {
        const descriptor = Object.getOwnPropertyDescriptor(window, name);
        if (descriptor?.value === native) Object.defineProperty(window, name, { ...descriptor, value: wrapped });
      }
    },

    // Lets `notice` see each call that did not throw: receiver, arguments, result.
    wrapMethod(prototype, name, { adapt = () => undefined, notice = () => undefined }) {
      const native = prototype?.[name];
      if (typeof native !== "function") return;
      const adapted = adapting(adapt);
      const noticed = guarded(notice);
      prototype[name] = new Proxy(native, {
        apply(target, receiver, args) {
          const result = Reflect.apply(target, receiver, adapted(args));
          noticed(receiver, args, result);
          return result;
        },
      });
    },
  };
}
