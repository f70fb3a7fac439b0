#include "access/grant_event.h"

namespace chancery::access {

record::Event grant_event(const Grant& grant, record::EventKind kind, std::string_view subject,
                          std::string_view request_id, TimePoint now) {
  record::Event event;
  event.kind = kind;
  event.time = now;
  event.scope = grant.scope();
  event.actor = grant.actor();
  event.request_id = request_id;
  event.subject = subject;
  return event;
}

}  // namespace chancery::access
