import { configurationFrom, type Configuration, type Settings } from "../../configs/settings/settings.ts";
import { known } from "../../dashboards/content.ts";

/** The configuration of a stack with these values, all secrets among them encrypted. */
export const configurationOf = (values: Record<string, unknown> = {}): Configuration =>
  configurationFrom({ values, encrypted: new Set(Object.keys(values)) }, { ...known, instance: "test" });

export const settingsOf = (values: Record<string, unknown> = {}): Settings => configurationOf(values).settings;

/** An external GreptimeDB, with everything that it needs. */
export const externalValues = {
  greptimedb: { topology: "external", external: { host: "db.example.com" } },
  greptimedbWriterPassword: 'wri$ter\'s "password"',
  greptimedbReaderPassword: "re{a}der=password",
};
