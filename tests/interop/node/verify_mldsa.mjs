// Checks an ML-DSA signature (FIPS 204, pure, empty context) with an
// implementation that shares no code with Chancery or OpenSSL.
//
// Usage: node verify_mldsa.mjs    with NODE_CLIENTS naming the folder that
// holds node_modules. Reads JSON from standard input:
//   {"algorithm": "ML-DSA-65", "publicKey": hex, "message": hex, "signature": hex}
// where publicKey is the raw key (the BIT STRING of the SPKI). Prints "true" or
// "false"; exit status 2 says that the question could not be put.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const clients = createRequire(join(process.env.NODE_CLIENTS ?? ".", "package.json"));
const { ml_dsa44, ml_dsa65, ml_dsa87 } = await import(
  pathToFileURL(clients.resolve("@noble/post-quantum/ml-dsa.js")).href
);
const algorithms = { "ML-DSA-44": ml_dsa44, "ML-DSA-65": ml_dsa65, "ML-DSA-87": ml_dsa87 };

const question = JSON.parse(readFileSync(0, "utf8"));
const algorithm = algorithms[question.algorithm];
if (!algorithm) {
  console.error(`unknown algorithm ${question.algorithm}`);
  process.exit(2);
}
const bytes = (name) => new Uint8Array(Buffer.from(question[name], "hex"));
try {
  console.log(algorithm.verify(bytes("signature"), bytes("message"), bytes("publicKey")));
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
