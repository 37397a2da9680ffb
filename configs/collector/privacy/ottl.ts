/** A text in the collector's transformation language, between double quotes. */
export const ottlText = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
