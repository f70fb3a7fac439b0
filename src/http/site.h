#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/response.h"

namespace chancery::http {

// Application is one protocol's front end: everything below one path prefix. It answers every
// request itself, refusals of unknown routes and methods included, in its protocol's own error
// form.
class Application {
 public:
  virtual ~Application() = default;
  [[nodiscard]] virtual Response handle(const Request& request, Context& context) = 0;
  // route_name is the pattern a request matches ("pki/issue/{role}"), for metrics and logs; from a
  // closed set, never text of the client's choosing.
  [[nodiscard]] virtual std::string_view route_name(const Request& request) const = 0;
  // refuse renders an error that the server itself found (body too large, malformed request,
  // overload, conflict after three runs) in this protocol's form.
  [[nodiscard]] virtual Response refuse(const Request& request, const Error& error) const = 0;
  // is_opaque says that the rest of an undecoded path is data, not path (the base64 of an OCSP
  // request by GET, RFC 6960 appendix A.1.1): Request::path then holds it undecoded.
  [[nodiscard]] virtual bool is_opaque(std::string_view /*raw_path*/) const { return false; }
};

// Site maps path prefixes to applications for one listener. The longest prefix wins; a prefix
// matches whole segments. What no prefix matches is refused with 404. Built before the server
// starts, then const.
class Site {
 public:
  // `prefix` starts with '/' and has no trailing slash: "/v1", "/api/v1", "/healthz".
  void mount(std::string_view prefix, Application& application);
  [[nodiscard]] Application* find(std::string_view path) const;
  // is_opaque asks the application of an undecoded path.
  [[nodiscard]] bool is_opaque(std::string_view raw_path) const;

 private:
  struct Mount {
    std::string prefix;
    Application* application;
  };
  std::vector<Mount> mounts_;  // longest prefix first
};

}  // namespace chancery::http
