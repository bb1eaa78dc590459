"""The Kubernetes example, held against Kubernetes' schemas, the settings, and itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from service.settings import PREFIX, Settings
from service.version import VERSION
from service.workers import CLOSING

FOLDER = Path(__file__).parents[2] / "docs" / "kubernetes"
FILES = sorted(FOLDER.rglob("*.yaml"))
Manifest = dict[str, Any]


def manifests() -> Iterator[Manifest]:
    for file in FILES:
        yield from yaml.safe_load_all(file.read_text())


def of_kind(kind: str) -> Manifest:
    (found,) = (manifest for manifest in manifests() if manifest["kind"] == kind)
    return found


def pods() -> list[Manifest]:
    return [of_kind(kind)["spec"]["template"]["spec"] for kind in ("Deployment", "Job")]


def config() -> Settings:
    """As the pods get it."""
    secrets = {
        name: value
        for manifest in manifests()
        if manifest["kind"] == "Secret"
        for name, value in manifest["stringData"].items()
    }
    given = of_kind("ConfigMap")["data"] | secrets
    unknown = {
        name for name in given if name.removeprefix(PREFIX).lower() not in Settings.model_fields
    }
    assert not unknown
    return Settings(
        _env_file=None,
        **{name.removeprefix(PREFIX).lower(): value for name, value in given.items()},
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_kubernetes_accepts_it(file: Path) -> None:
    for manifest in yaml.safe_load_all(file.read_text()):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_a_misspelt_field_would_be_refused() -> None:
    manifest = of_kind("Deployment")
    manifest["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)


def test_settings_fit_the_deployment() -> None:
    settings, deployment = config(), of_kind("Deployment")["spec"]
    most = deployment["replicas"] + deployment["strategy"]["rollingUpdate"]["maxSurge"]
    assert settings.instances == most
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    pod = deployment["template"]["spec"]
    stop = settings.drain_seconds + settings.stop_timeout + CLOSING
    assert pod["terminationGracePeriodSeconds"] > stop
    (container,) = pod["containers"]
    readiness, start = container["readinessProbe"], container["startupProbe"]
    notices = (readiness["periodSeconds"] + readiness["timeoutSeconds"]) * readiness[
        "failureThreshold"
    ]
    assert settings.drain_seconds >= notices
    assert start["periodSeconds"] * start["failureThreshold"] > settings.start_patience


def test_ports_and_labels_agree() -> None:
    settings, service = config(), of_kind("Service")["spec"]
    template = of_kind("Deployment")["spec"]["template"]
    (container,) = template["spec"]["containers"]
    (port,) = container["ports"]
    assert port["containerPort"] == settings.port
    assert service["ports"][0]["targetPort"] == port["name"]
    assert template["metadata"]["annotations"]["prometheus.io/port"] == str(settings.port)
    assert of_kind("NetworkPolicy")["spec"]["ingress"][0]["ports"][0]["port"] == settings.port
    labels = template["metadata"]["labels"].items()
    budget = of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"]
    for selector in (
        service["selector"],
        budget,
        of_kind("Deployment")["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels
    job = of_kind("Job")["spec"]["template"]["metadata"]["labels"].items()
    assert not service["selector"].items() <= job
    assert of_kind("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels & job


@pytest.mark.parametrize("pod", pods(), ids=["serve", "migrate"])
def test_a_pod_may_do_nothing_that_it_need_not(pod: Manifest) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert container["image"] == f"twinbase:{VERSION}"
    (mount,) = container["volumeMounts"]
    assert Path(mount["mountPath"]) == Path("/", "tmp")
    dockerfile = (FOLDER.parents[1] / "Dockerfile").read_text()
    assert f"--uid {pod['securityContext']['runAsUser']} " in dockerfile


def test_only_migrations_see_the_administrator() -> None:
    serving, migrating = (
        {
            source["secretRef"]["name"]
            for source in pod["containers"][0]["envFrom"]
            if "secretRef" in source
        }
        for pod in pods()
    )
    assert migrating - serving == {"twinbase-admin"}
    assert of_kind("Job")["metadata"]["name"] == f"twinbase-migrate-{VERSION.replace('.', '-')}"


def test_no_example_of_a_secret_lies_where_it_would_be_applied() -> None:
    """``kubectl apply -f docs/kubernetes`` takes the files of the folder itself."""
    for file in FOLDER.glob("*.yaml"):
        for manifest in yaml.safe_load_all(file.read_text()):
            assert manifest["kind"] != "Secret"
