#!/usr/bin/env python3
"""Traces, as a collector receives them."""

import http.server
import json
import queue
import ssl
import threading
import unittest
import urllib.error
import urllib.request

from chancery_server import ChanceryServer, wait_until

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector:
    """Takes OTLP over HTTP; `answer` is the status it gives."""

    def __init__(self):
        self.spans, self.answer, self.asked = queue.Queue(), 200, 0
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                collector.asked += 1
                if collector.answer == 200 and self.path == "/v1/traces" and \
                        self.headers["Content-Type"] == "application/json":
                    for resource in body["resourceSpans"]:
                        for scope in resource["scopeSpans"]:
                            for span in scope["spans"]:
                                collector.spans.put(span)
                self.send_response(collector.answer)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = "http://127.0.0.1:%d" % self.server.server_port

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def attributes(span):
    return {one["key"]: next(iter(one["value"].values())) for one in span.get("attributes", [])}


class TracesTest(unittest.TestCase):
    def setUp(self):
        self.collector = Collector()
        self.addCleanup(self.collector.stop)
        self.server = ChanceryServer()
        self.addCleanup(self.server.stop)
        self.server.init()

    def serve(self, permille):
        config = self.server.data / "chancery.yaml"
        text = config.read_text()
        for before, after in (('endpoint: ""', f'endpoint: "{self.collector.url}"'),
                              ("sampled_permille: 100", f"sampled_permille: {permille}")):
            self.assertIn(before, text)
            text = text.replace(before, after)
        config.write_text(text)
        self.server.serve()
        self.context = ssl.create_default_context(cafile=self.server.root_ca)

    def call(self, path, body=None, sampled=None, method=None):
        headers = {"Authorization": "Bearer " + self.server.token}
        if sampled is not None:
            headers["traceparent"] = f"00-{TRACE}-{PARENT}-{sampled}"
        request = urllib.request.Request(self.server.https + path, body, headers, method=method)
        with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
            return answer.read()

    def spans(self, count):
        return [self.collector.spans.get(timeout=30) for _ in range(count)]

    def test_a_request_with_its_waits_is_part_of_the_clients_trace(self):
        self.serve(0)
        self.call("/api/v1/status")
        self.call("/api/v1/status", sampled="00")
        self.call("/api/v1/roles/web", b'{"allow_any_name": true}', sampled="01", method="PUT")
        request, wait = self.spans(2)
        self.assertEqual((request["traceId"], request["parentSpanId"]), (TRACE, PARENT))
        self.assertEqual((request["name"], request["kind"]), ("writeRole", 2))
        told = attributes(request)
        self.assertEqual(told["http.response.status_code"], "200")
        self.assertEqual(told["http.request.method"], "PUT")
        self.assertEqual(told["network.protocol.version"], "1.1")
        self.assertEqual((wait["name"], wait["parentSpanId"]), ("commit wait", request["spanId"]))
        self.assertLessEqual(int(request["startTimeUnixNano"]), int(wait["startTimeUnixNano"]))
        self.assertLessEqual(int(wait["endTimeUnixNano"]), int(request["endTimeUnixNano"]))
        self.call("/api/v1/roles", sampled="01")
        request, wait = self.spans(2)
        self.assertEqual((request["name"], wait["name"]), ("listRoles", "lane wait"))
        self.assertTrue(self.collector.spans.empty())

    def test_an_error_carries_the_request_id_of_its_span(self):
        self.serve(1000)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.call("/api/v1/roles/absent")
        (request,) = self.spans(1)
        self.assertEqual(attributes(request)["chancery.request_id"],
                         json.loads(refused.exception.read())["request_id"])
        self.assertNotIn("parentSpanId", request)

    def dropped(self):
        text = self.call("/metrics", sampled="00").decode()
        return [line for line in text.splitlines()
                if line.startswith('chancery_trace_spans_dropped_total{reason="export"}')]

    def test_a_collector_that_refuses_costs_spans_and_nothing_else(self):
        self.serve(1000)
        self.collector.answer = 503
        self.call("/api/v1/status")
        wait_until(lambda: self.collector.asked == 1)
        wait_until(lambda: self.dropped()[0].endswith(" 1"))
        self.collector.answer = 200
        self.call("/api/v1/status")
        self.assertEqual(self.spans(1)[0]["name"], "showStatus")

    def test_what_waits_is_sent_at_the_end(self):
        self.serve(1000)
        self.call("/api/v1/status")
        self.server.process.terminate()
        self.assertEqual(self.server.process.wait(30), 0)
        self.assertEqual(self.spans(1)[0]["name"], "showStatus")


if __name__ == "__main__":
    unittest.main()
