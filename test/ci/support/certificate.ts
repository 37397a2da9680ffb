import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Puts a certificate for 127.0.0.1, signed by itself, and its key into a directory, as Kubernetes mounts them. */
export function issueCertificate(directory: string, organisation: string): void {
  const names = ["-subj", `/O=${organisation}/CN=collector`, "-addext", "subjectAltName=IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(directory, "tls.key")];
  const args = ["req", "-x509", "-days", "2", ...key, "-out", join(directory, "tls.crt"), ...names];
  execFileSync("openssl", args, { stdio: "pipe" });
}
