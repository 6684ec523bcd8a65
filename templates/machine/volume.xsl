<?xml version="1.0"?>
<!-- The provider makes a disk readable for everyone on its hypervisor. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*">
    <xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy>
  </xsl:template>
  <xsl:template match="/volume/target/permissions/mode/text()">0600</xsl:template>
</xsl:stylesheet>
