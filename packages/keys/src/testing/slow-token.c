// A PKCS#11 module that hands every call on to SoftHSM, and holds up C_Sign and C_GenerateKeyPair for
// as long as a file is there: a token that hangs. Compiled by slow-token.ts with HSM and HOLD set.

#include <dlfcn.h>
#include <stddef.h>
#include <unistd.h>

typedef unsigned long (*Call)(void *, void *, void *, void *, void *, void *, void *, void *);
// CK_FUNCTION_LIST of PKCS#11 v2.40 begins with its version; the calls follow in a fixed order.
typedef struct {
  unsigned char version[2];
  Call calls[68];
} FunctionList;
enum { GENERATE_KEY_PAIR = 59, SIGN = 43 };

static FunctionList list;
static Call real_sign, real_generate;

static void hold(void) {
  while (access(HOLD, F_OK) == 0) usleep(5000);
}

static unsigned long slow_sign(void *a, void *b, void *c, void *d, void *e, void *f, void *g, void *h) {
  hold();
  return real_sign(a, b, c, d, e, f, g, h);
}

static unsigned long slow_generate(void *a, void *b, void *c, void *d, void *e, void *f, void *g, void *h) {
  hold();
  return real_generate(a, b, c, d, e, f, g, h);
}

unsigned long C_GetFunctionList(FunctionList **found) {
  void *hsm = dlopen(HSM, RTLD_NOW);
  unsigned long (*get)(FunctionList **) = NULL;
  FunctionList *real = NULL;
  if (hsm != NULL) *(void **)&get = dlsym(hsm, "C_GetFunctionList");
  if (get == NULL || get(&real) != 0) return 5;
  list = *real;
  real_sign = list.calls[SIGN];
  real_generate = list.calls[GENERATE_KEY_PAIR];
  list.calls[SIGN] = slow_sign;
  list.calls[GENERATE_KEY_PAIR] = slow_generate;
  *found = &list;
  return 0;
}
