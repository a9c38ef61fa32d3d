// sodium-native ships no types; this is the one function the benchmark uses.

declare module 'sodium-native' {
  const sodium: {
    crypto_sign_verify_detached(signature: Buffer, message: Buffer, publicKey: Buffer): boolean;
  };
  export = sodium;
}
