"""The peer to compare with: the bare protocol library with seven tools that do nothing."""

from mcp.server.mcpserver import MCPServer

server = MCPServer("bare", log_level="WARNING")


async def nothing(text: str) -> str:
    """Do nothing."""
    return text


for number in range(7):
    server.tool(name=f"nothing_{number}")(nothing)

if __name__ == "__main__":
    server.run("stdio")
