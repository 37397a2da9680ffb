"""Validates manifests against the schemas of Kubernetes that the package kubernetes-validate ships.

Reads {"files": {name: yaml}, "versions": [version, ...]} from its input and writes
{"versions": [...], "problems": [{"file", "version", "message"}, ...], "objects": {name: object}}.
"""

import functools
import json
import sys

import yaml
from kubernetes_validate import utils

# each validation would read and take apart all schemas of its version again
utils.schema_contents = functools.cache(utils.schema_contents)


def problem(manifest, version):
    """Why Kubernetes would not take it; None if it would."""
    try:
        used = utils.validate(manifest, version, strict=True)
    except utils.ValidationError as error:
        return f"{'.'.join(str(step) for step in error.path)}: {error.message}"
    except (utils.SchemaNotFoundError, utils.VersionNotSupportedError, utils.InvalidSchemaError) as error:
        return error.message
    # the package takes the next older schemas where it has none of a version, and says nothing
    return None if used == version else f"there are no schemas of {version}, only of {used}"


def main():
    request = json.load(sys.stdin)
    versions = [utils.major_minor(utils.latest_version()) if name == "newest" else name for name in request["versions"]]
    problems, objects = [], {}
    for name, text in request["files"].items():
        manifests = list(yaml.load_all(text, Loader=yaml.SafeLoader))
        if len(manifests) != 1:
            problems.append({"file": name, "version": "", "message": f"{len(manifests)} objects in one file"})
            continue
        objects[name] = manifests[0]
        for version in versions:
            message = problem(manifests[0], version)
            if message is not None:
                problems.append({"file": name, "version": version, "message": message})
    # a text that YAML takes for a date is not one that JSON has
    json.dump({"versions": versions, "problems": problems, "objects": objects}, sys.stdout, default=repr)


main()
