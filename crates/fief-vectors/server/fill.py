"""Fills a fresh server, through its admin API, with what the scenarios need.

The development server is filled with the same by `tests/dev_server/fill.rs`. Users are not
here: each scenario makes its own.
"""

import http.client
import json
import urllib.parse

REDIRECT_URIS = [
    "http://localhost:8000/callback",
    "http://localhost:8000/auth-callback",
    "https://www.bretagne.duchy/callback?from=fief",
    "duchy.bretagne.app:/callback",
]

# By the name that the scenarios use.
CLIENTS = {
    "confidential": {},
    "public": {"client_type": "public"},
    "encrypted": {},
    "third_party": {"first_party": False},
    "expired": {"access_id_token_lifetime_seconds": 0, "refresh_token_lifetime_seconds": 0},
    "expired_code": {"authorization_code_lifetime_seconds": 0},
    "second_tenant": {},
}

USER_FIELDS = {
    "first_name": ("STRING", None),
    "castles": ("INTEGER", None),
    "title": ("CHOICE", [["duchess", "Duchess"], ["queen", "Queen"]]),
}

PERMISSIONS = ["castles:read", "castles:create", "castles:delete"]


def fill(server):
    """What `FIEF_TEST_SERVER` tells of it."""
    api = Api(server.admin_api_url, server.api_key)
    webhook = add_webhook(api, server.sink.webhook_url)
    tenants = {
        "default": api.call("GET", "/tenants/")["results"][0],
        "second": api.call("POST", "/tenants/", {"name": "Second"}),
    }
    for slug, (kind, choices) in USER_FIELDS.items():
        add_user_field(api, slug, kind, choices)
    permissions = {}
    for codename in PERMISSIONS:
        permission = {"name": codename, "codename": codename}
        permissions[codename] = api.call("POST", "/permissions/", permission)["id"]
    clients = {}
    for name, options in CLIENTS.items():
        tenant = "second" if name == "second_tenant" else "default"
        clients[name] = add_client(api, server, name, tenant, tenants[tenant], options)
    return {
        "base_url": server.base_url,
        "admin_api_url": server.admin_api_url,
        "api_key": server.api_key,
        "clients": clients,
        "permissions": permissions,
        "sink": {"mails": server.sink.mails, "webhooks": server.sink.webhooks},
        "tenants": {name: {"id": tenant["id"]} for name, tenant in tenants.items()},
        "webhook": {"secret": webhook["secret"]},
    }


def add_webhook(api, url):
    schemas = api.call("GET", "/openapi.json")["components"]["schemas"]
    events = schemas["WebhookEventType"]["enum"]
    return api.call("POST", "/webhooks/", {"url": url, "events": events})


def add_user_field(api, slug, kind, choices):
    configuration = {
        "choices": choices,
        "at_registration": False,
        "required": False,
        "at_update": True,
        "default": None,
    }
    field = {"name": slug, "slug": slug, "type": kind, "configuration": configuration}
    api.call("POST", "/user-fields/", field)


def add_client(api, server, name, tenant_name, tenant, options):
    client = api.call(
        "POST",
        "/clients/",
        {
            "name": name,
            "first_party": True,
            "client_type": "confidential",
            "redirect_uris": REDIRECT_URIS,
            "tenant_id": tenant["id"],
            **options,
        },
    )
    key = None
    if name == "encrypted":
        key = api.call("POST", f"/clients/{client['id']}/encryption-key")
    path = "" if tenant["default"] else f"/{tenant['slug']}"
    base_url = f"{server.base_url}{path}"
    document = request("GET", f"{base_url}/.well-known/openid-configuration")
    return {
        "tenant": tenant_name,
        "base_url": base_url,
        "issuer": document["issuer"],
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "client_type": client["client_type"],
        "encryption_key": key,
    }


class Api:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def call(self, method, path, body=None):
        return request(method, f"{self.url}{path}", body, self.key)


def request(method, url, body=None, key=None):
    """The JSON that it is answered with. No proxy, and no redirect is followed."""
    parts = urllib.parse.urlsplit(url)
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    try:
        connection.request(method, parts.path, body and json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    if response.status not in (200, 201):
        raise SystemExit(f"{method} {url}: {response.status} {text.decode('utf-8', 'replace')}")
    return json.loads(text)
