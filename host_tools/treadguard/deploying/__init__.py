# SPDX-License-Identifier: MIT
"""A new version onto a board that has one, with the real mpremote, so that no cut can hurt.

`make_plan` builds and touches no port; `deploy` carries the plan out.
"""

from treadguard.deploying.procedure import Deployed, DeployPlan, deploy, make_plan

__all__ = ["DeployPlan", "Deployed", "deploy", "make_plan"]
