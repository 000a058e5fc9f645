"""What would go wrong, said before a run starts."""

from oscine.pipeline.doctor.diagnosis import Diagnosis
from oscine.pipeline.doctor.examine import examine

__all__ = ["Diagnosis", "examine"]
