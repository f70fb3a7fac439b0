#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"
#include "protocols/json/writer.h"

namespace chancery::vault {

// Envelope builds Vault's success answer around `data`, which the caller writes as one JSON value:
//   Envelope answer(request_id);
//   answer.data().begin_object()...end_object();
//   return std::move(answer).finish(warnings);
class Envelope {
 public:
  // `reserve` bytes at first; more than enough when there are secrets in the data.
  explicit Envelope(std::string_view request_id, std::size_t reserve = 1024);
  [[nodiscard]] json::Writer& data() { return out_; }
  [[nodiscard]] http::Response finish(const std::vector<std::string>& warnings = {}) &&;

 private:
  json::Writer out_;
};

// injected is the answer of sys/ paths: the members of `data`, a JSON object, also stand at top
// level.
[[nodiscard]] http::Response injected(std::string_view request_id, std::string_view data,
                                      const std::vector<std::string>& warnings = {});

// no_data is the answer that has warnings and nothing else.
[[nodiscard]] http::Response no_data(std::string_view request_id,
                                     const std::vector<std::string>& warnings);

// bare is a JSON answer without envelope (sys/health).
[[nodiscard]] http::Response bare(unsigned status, std::string body);
// raw is an answer with bytes of another type (certificates, CRLs, OCSP).
[[nodiscard]] http::Response raw(unsigned status, std::string_view content_type,
                                 http::Response::Body body);
[[nodiscard]] http::Response no_content();

// tidied is the answer to a tidy of rows: Vault's goes on in the background then, ours is done.
[[nodiscard]] http::Response tidied(std::string_view request_id);

// names_answer is the answer to a list: its keys, or that there are none, as Vault says it.
[[nodiscard]] http::Response names_answer(std::string_view request_id,
                                          const std::vector<std::string>& names);

}  // namespace chancery::vault
