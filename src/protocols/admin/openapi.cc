#include "protocols/admin/openapi.h"

#include <map>
#include <vector>

#include "base/text.h"
#include "protocols/admin/routes.h"
#include "protocols/json/writer.h"

namespace chancery::admin {
namespace {

std::string component(std::string_view kind, std::string_view name) {
  return "#/components/" + std::string(kind) + "/" + std::string(name);
}

void write_content(json::Writer& out, std::string_view type, std::string_view schema) {
  out.key("content").begin_object().key(type).begin_object().key("schema").begin_object();
  out.field("$ref", component("schemas", schema)).end_object().end_object().end_object();
}

void write_path_parameters(json::Writer& out, std::string_view pattern) {
  for (const std::string_view segment : split(pattern, '/')) {
    if (!segment.starts_with('{')) continue;
    out.begin_object().field("name", segment.substr(1, segment.size() - 2)).field("in", "path");
    out.field("required", true).key("schema").begin_object().field("type", "string").end_object();
    out.end_object();
  }
}

void write_parameters(json::Writer& out, const Route& route) {
  out.key("parameters").begin_array();
  write_path_parameters(out, route.pattern);
  for (const std::string_view name : split(route.parameters, ' ')) {
    if (name.empty()) continue;
    out.begin_object().field("$ref", component("parameters", name)).end_object();
  }
  out.end_array();
}

void write_responses(json::Writer& out, const Route& route) {
  out.key("responses").begin_object().key(std::to_string(route.status)).begin_object();
  out.field("description", "Done");
  if (!route.response_schema.empty()) write_content(out, "application/json", route.response_schema);
  out.end_object().key("default").begin_object().field("description", "A problem (RFC 9457)");
  write_content(out, "application/problem+json", "Problem");
  out.end_object().end_object();
}

void write_operation(json::Writer& out, const Route& route) {
  out.key(to_lower(route.method)).begin_object();
  out.field("operationId", route.id).field("summary", route.summary);
  if (route.guard == Guard::kOpen) out.key("security").begin_array().end_array();
  write_parameters(out, route);
  if (!route.request_schema.empty()) {
    out.key("requestBody").begin_object().field("required", true);
    write_content(out, "application/json", route.request_schema);
    out.end_object();
  }
  write_responses(out, route);
  out.end_object();
}

}  // namespace

std::string make_openapi(std::string_view version) {
  std::map<std::string_view, std::vector<const Route*>> paths;
  for (const Route& route : routes()) paths[route.pattern].push_back(&route);

  json::Writer out(32'768);
  out.begin_object().field("openapi", "3.1.0");
  out.key("info").begin_object().field("title", "Chancery").field("version", version);
  out.field("description",
            "The API of the PKI itself. Times are RFC 3339 in UTC, durations seconds.");
  out.end_object();
  out.key("servers").begin_array().begin_object().field("url", "/api/v1").end_object().end_array();
  out.key("security").begin_array().begin_object().key("token").begin_array().end_array();
  out.end_object().end_array();
  out.key("paths").begin_object();
  for (const auto& [pattern, operations] : paths) {
    out.key("/" + std::string(pattern)).begin_object();
    for (const Route* route : operations) write_operation(out, *route);
    out.end_object();
  }
  out.end_object().key("components").raw(openapi_components()).end_object();
  return std::move(out).take() + "\n";
}

}  // namespace chancery::admin
