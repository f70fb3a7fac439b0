#pragma once

#include "enrol/enrolment.h"
#include "http/response.h"
#include "protocols/json/writer.h"

namespace chancery::admin {

// explanation_answer tells every rule with its word, and what the certificate would say.
[[nodiscard]] http::Response explanation_answer(const enrol::Enrolment::Explained& explained);

// write_issued writes what is told of every new certificate, without braces.
void write_issued(json::Writer& out, const ca::Issued& issued);

}  // namespace chancery::admin
