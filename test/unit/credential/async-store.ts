/** A store of AsyncStorage's and of SecureStore's shape, whose reads the test can take over. */
export function asyncStore() {
  const entries = new Map<string, string>();
  const store = {
    entries,
    read: async (key: string): Promise<string | null> => entries.get(key) ?? null,
    fails: false,
  };
  const set = async (key: string, value: string) => {
    if (store.fails) throw new Error("the disk is full");
    entries.set(key, value);
  };
  const remove = async (key: string) => void entries.delete(key);
  const getItem = (key: string) => store.read(key);
  return Object.assign(store, {
    getItem,
    setItem: set,
    removeItem: remove,
    getItemAsync: getItem,
    setItemAsync: set,
    deleteItemAsync: remove,
  });
}
