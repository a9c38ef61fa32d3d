// A signer as it must not be run: without its cage, so that it leaves a core when it dies. Makes one
// key for each algorithm named after its folder, says so, and stays.

import { type SignatureAlg, Signer } from '@countersign/keys';

const [folder, ...algs] = process.argv.slice(2);
const passphrase = Buffer.from('correct horse battery staple');
const signer = await Signer.open({ folder: folder as string, passphrase });
const nowSeconds = Math.floor(Date.now() / 1000);
for (const alg of algs) {
  await signer.makeKey(alg as SignatureAlg, {
    issuer: 'https://id.example/acme/workforce',
    tenant: 'acme',
    population: 'workforce',
    audiences: '*',
    tokenTypes: ['at+jwt'],
    longestLifetimeSeconds: 3600,
    notBeforeSeconds: nowSeconds - 60,
    notAfterSeconds: nowSeconds + 86_400,
  });
}
process.stdout.write(`${JSON.stringify(signer.listKeys().map(({ publicJwk }) => publicJwk))}\n`);
setInterval(() => signer.listKeys(), 1000);
