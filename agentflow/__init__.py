"""AgentFlow runs DSPy programs unattended, under a hard budget, and believes nothing that was not checked."""
