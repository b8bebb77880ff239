// GraphiQL remembers tabs in localStorage under names that every GraphiQL shares. On an origin such as localhost:8000
// another project's tabs would take the place of our samples, so each endpoint gets its own drawer.

export function createStorage(endpoint) {
  const drawer = `transcode-gateway:${endpoint}:`;
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(drawer));
  return {
    getItem: (key) => localStorage.getItem(drawer + key),
    setItem: (key, value) => localStorage.setItem(drawer + key, value),
    removeItem: (key) => localStorage.removeItem(drawer + key),
    clear: () => keys().forEach((key) => localStorage.removeItem(key)),
    get length() {
      return keys().length;
    },
  };
}
