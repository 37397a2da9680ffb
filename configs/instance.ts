/**
 * What marks everything on a machine that belongs to one stack. The commands find containers and volumes by it, so
 * it must never change for a stack that exists.
 */
export const instanceLabelName = "greptime-observability.instance";
