#include "protocols/json/certificate_role_fields.h"

#include "protocols/json/token_settings_fields.h"

namespace chancery::json {
namespace {

using List = std::vector<std::string>;

struct Reading {
  FieldReader& fields;

  void operator()(std::string_view name, List& list) const {
    list = fields.list(name, list);
    std::erase(list, "");
  }
  void operator()(std::string_view name, std::string& text) const {
    text = fields.text(name, text);
  }
  void operator()(std::string_view name, bool& flag) const { flag = fields.flag(name, flag); }
};

struct Writing {
  Writer& out;

  void operator()(std::string_view name, const List& list) const {
    if (list.empty()) {
      out.key(name).null();
    } else {
      out.field(name, list);
    }
  }
  void operator()(std::string_view name, const std::string& text) const { out.field(name, text); }
  void operator()(std::string_view name, const bool& flag) const { out.field(name, flag); }
};

}  // namespace

Result<void> read_certificate_role(FieldReader& fields, access::CertificateRole& role) {
  access::CertificateRole::vault_fields(role, Reading{fields});
  return read_token_settings(fields, role.token);
}

void write_certificate_role(Writer& out, const access::CertificateRole& role) {
  access::CertificateRole::vault_fields(role, Writing{out});
  write_token_settings(out, role.token);
}

}  // namespace chancery::json
