#include "acme/conduct.h"

namespace chancery::acme {

Conduct& Conduct::usual() {
  static Conduct conduct;
  return conduct;
}

}  // namespace chancery::acme
