/** JSON with sorted keys and without `undefined`: the same data gives the same bytes. */
export const stableJson = (value: unknown, indent?: number): string => JSON.stringify(sorted(value), null, indent);

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // an object that knows how it wants to be written, such as one that hides a secret
  if ("toJSON" in value && typeof value.toJSON === "function") return sorted((value.toJSON as () => unknown)());
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, child]) => [key, sorted(child)]),
  );
};
