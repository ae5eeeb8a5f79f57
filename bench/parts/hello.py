"""The floor: the least a Flask application can do, served by the same gunicorn settings.

``GET /`` answers 23 bytes of JSON; ``POST /`` parses the JSON it is sent and answers 201.
"""

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/")
def hello() -> Response:
    """A small answer."""
    return Response(b'{"hello":"world","n":12}', mimetype="application/json")


@app.post("/")
def take() -> tuple[dict[str, int], int]:
    """Parse and answer."""
    return {"n": len(request.get_json()["answers"])}, 201
