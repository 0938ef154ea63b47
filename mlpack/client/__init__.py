"""``Client``: what a store holds, one call at a time, with the method names of MLflow's client.

Where :mod:`mlpack.tracking` remembers the active run and experiment, a client is told every id.
"""

from mlpack.client.artifacts import ArtifactCalls
from mlpack.client.logged_models import LoggedModelCalls
from mlpack.client.registry import RegistryCalls
from mlpack.client.runs import ViewType

__all__ = ["Client", "MlpackClient", "ViewType"]


class Client(ArtifactCalls, LoggedModelCalls, RegistryCalls):
    """Experiments, runs, artifacts, logged models and the registry at a tracking URI, and at a registry URI.

    Both are as configured unless given. Every method raises NotInStore where what it names is not there,
    InvalidArgument where a name is none, and StoreFailure where the store cannot be reached or written.
    """


#: The same, by the name that people who come from MLflow look for.
MlpackClient = Client
